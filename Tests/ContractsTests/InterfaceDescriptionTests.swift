// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Contracts
import Foundation
import Testing

@Suite struct InterfaceDescriptionTests {
    @Test func `NOT-11: the published interface description is the one that the catalogue gives`() throws {
        let document = try InterfaceDescription.document()
        if GoldenFiles.isRecording { try GoldenFiles.write(document, to: GoldenFiles.interfaceDescription) }
        let published = Array(try Data(contentsOf: GoldenFiles.interfaceDescription))
        #expect(try JSONValue(parsing: published) == document)
    }

    @Test func `each topic carries a message and is versioned`() {
        for topic in Topic.all {
            #expect(topic.name.hasSuffix(".v1"))
            #expect(MessageCatalogue.all.contains { $0.topic == topic })
            #expect(Topic(named: topic.name) == topic)
        }
        #expect(Topic(named: "no.such.topic") == nil)
        #expect(Topic.all.filter { $0.lanes != 12 } == [.signingJobs])
        #expect(Topic.signingJobs.lanes == 48)
    }
}
