// SPDX-License-Identifier: Apache-2.0
import Clocks
import Contracts
import Envelopes
import Foundation
import Keys
import TestSupport
import Testing

@testable import Signer

@Suite struct KeyWatchTests {
    @Test func `SIG-10, SIG-12: every step of a key's life is recorded once, by whichever signer sees it first`()
        async throws
    {
        let fixture = try await SignerFixture()
        let watches = try [fixture.keyWatch(), fixture.keyWatch()]
        for watch in watches { try await watch.tick() }
        #expect(try await fixture.keyEvents() == ["key.staged", "key.activated"])
        let key = try #require(try fixture.installation.register(tenant: fixture.tenant.uuid).keys.first)
        try fixture.installation.move(
            tenant: fixture.tenant.uuid, keyID: key.id, to: .compromised,
            KeyNote(at: fixture.clock.clock.now(), by: "test", reason: "lost"))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for watch in watches { group.addTask { try await watch.tick() } }
            try await group.waitForAll()
        }
        #expect(try await fixture.keyEvents() == ["key.staged", "key.activated", "key.compromised"])
    }

    @Test func `SIG-11: the log warns at 30, 14 and 7 days before a certificate ends, once each`() async throws {
        let fixture = try await SignerFixture()
        let watch = try fixture.keyWatch()
        let end = try #require(try fixture.installation.register(tenant: fixture.tenant.uuid).keys.first).notAfter
        func warnings() -> Int { fixture.logs.messages.filter { $0.contains("certificate ends soon") }.count }
        var expected = 0
        for (days, isNew) in [(40.0, false), (29, true), (28, false), (13, true), (6, true), (5, false), (-1, false)] {
            fixture.clock.advance(
                bySeconds: end.advanced(bySeconds: -days * 86_400).seconds(since: fixture.clock.clock.now()))
            try await watch.tick()
            if isNew { expected += 1 }
            #expect(warnings() == expected, "\(days) days before")
        }
    }
}
