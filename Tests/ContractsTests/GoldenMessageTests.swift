// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Contracts
import Envelopes
import Foundation
import Testing

@Suite struct GoldenMessageTests {
    @Test func `NOT-11: every message of the catalogue has a sample, and the other way round`() {
        #expect(MessageSamples.all.map { type(of: $0).messageType } == MessageCatalogue.all.map { $0.messageType })
        #expect(Set(MessageCatalogue.all.map { $0.messageType }).count == MessageCatalogue.all.count)
    }

    @Test(arguments: MessageSamples.all.indices)
    func `a published message keeps its text, and the text reads back as the same message`(index: Int) throws {
        try check(MessageSamples.all[index])
    }

    @Test(arguments: MessageSamples.all.indices)
    func `fields of later versions are ignored at every level`(index: Int) throws {
        try checkUnknownFields(MessageSamples.all[index])
    }

    @Test(arguments: MessageSamples.all.indices)
    func `every cut of a message is refused, never half read`(index: Int) throws {
        try checkTruncation(MessageSamples.all[index])
    }

    @Test func `a message type is named like its struct and ends with its version`() {
        for message in MessageCatalogue.all {
            #expect(message.messageType == String(describing: message))
            #expect(message.messageType.hasSuffix("V1"))
        }
    }

    @Test func `an unknown word is refused, so that it goes to the dead letters`() throws {
        let text = String(decoding: try GoldenFiles.text(of: "NotificationOutcomeV1"), as: UTF8.self)
        let changed = text.replacing("\"bounced\"", with: "\"teleported\"")
        #expect(changed != text)
        #expect(throws: DecodingError.self) { try NotificationOutcomeV1(payload: Array(changed.utf8)) }
    }

    @Test func `ids are lower case in text and read in either case`() throws {
        let payload = try SendEnvelopeV1(
            tenantID: MessageSamples.tenant, envelopeID: EnvelopeID(MessageSamples.id(0xAB)),
            requestedBy: MessageSamples.account, requestedAt: MessageSamples.at
        ).payload()
        let text = String(decoding: payload, as: UTF8.self)
        #expect(text.contains("0000000000ab"))
        let read = try SendEnvelopeV1(payload: Array(text.replacing("0000000000ab", with: "0000000000AB").utf8))
        #expect(read.envelopeID == EnvelopeID(MessageSamples.id(0xAB)))
    }

    private func check<M: VersionedMessage>(_ message: M) throws {
        try GoldenFiles.recordIfMissing(message, type: M.messageType)
        let golden = try GoldenFiles.text(of: M.messageType)
        #expect(try JSONValue(parsing: message.payload()) == JSONValue(parsing: golden))
        #expect(try JSONValue(parsing: JSONTextEncoder.encode(message)) == JSONValue(parsing: golden))
        #expect(try M(payload: golden) == message)
        #expect(try message.payload() == M(payload: golden).payload())
    }

    private func checkUnknownFields<M: VersionedMessage>(_ message: M) throws {
        let golden = try JSONValue(parsing: GoldenFiles.text(of: M.messageType))
        let extended = withUnknownFields(golden)
        #expect(extended != golden)
        let bytes = extended.canonicalBytes()
        #expect(try M(payload: bytes) == message)
    }

    private func checkTruncation<M: VersionedMessage>(_ message: M) throws {
        let payload = try message.payload()
        for length in stride(from: 0, to: payload.count, by: 97) {
            #expect(throws: DecodingError.self) { try M(payload: Array(payload[..<length])) }
        }
    }

    private func withUnknownFields(_ value: JSONValue) -> JSONValue {
        switch value {
        case .object(let members):
            var changed: [String: JSONValue] = ["zz_later_version": ["new": [1, 2]]]
            for (key, member) in members {
                let isOpen = key == "metadata" || key == "hashes"
                changed[key] = isOpen ? member : withUnknownFields(member)
            }
            return .object(changed)
        case .array(let elements): return .array(elements.map { withUnknownFields($0) })
        case .null, .bool, .integer, .number, .string: return value
        }
    }
}
