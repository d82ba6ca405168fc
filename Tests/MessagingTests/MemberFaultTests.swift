// SPDX-License-Identifier: Apache-2.0
import Contracts
import Foundation
import Messaging
import Postgres
import TestSupport
import Testing

/// What every driver has to keep when members are killed, stopped and joined by others.
@Suite(.serialized)
struct MemberFaultTests {
    @Test(arguments: ConformanceDrivers.all, [false, true])
    func `nothing is lost, doubled or reordered when members are killed with -9`(
        driver: any ConformanceDriver, effects: Bool
    ) async throws {
        try await withDriver(driver) { fixture, running in
            let keys = MessagingFixture.keys(60)
            var members = try (0..<2).map { try MemberProcess("m\($0)", fixture, running, effects: effects) }
            defer { for member in members { member.kill() } }
            try await eventually {
                try await fixture.write(keys)
                return try await fixture.effectCount() > 0
            }
            for round in 0..<3 {
                let before = try await fixture.effectCount()
                members[round % 2].kill()
                _ = members[round % 2].waitUntilExit()
                members[round % 2] = try MemberProcess("r\(round)", fixture, running, effects: effects)
                // Taken over within 10 s: rows of every lane appear again.
                try await fixture.write(5, to: keys)
                try await eventually { try await fixture.effectCount() > before + 60 }
            }
            let written = try await fixture.producerPool.execute(
                PostgresStatement("select max(last_seq) from outbox_stream")
            ).rows.first?.int(0)
            let count = try #require(written)
            try await eventually(timeoutSeconds: 30) { try await fixture.effectCount() >= count * keys.count }
            let ledger = Ledger(try await fixture.effects(), expecting: count, of: keys)
            #expect(ledger.isClean, "\(ledger)")
        }
    }

    @Test(arguments: ConformanceDrivers.all)
    func `lanes of a stopped member are taken over within 10 s, and it changes nothing when it goes on`(
        driver: any ConformanceDriver
    ) async throws {
        try await withDriver(driver) { fixture, running in
            let keys = MessagingFixture.keys(60)
            let zombie = try MemberProcess("zombie", fixture, running)
            defer { zombie.kill() }
            let heir = try MemberProcess("heir", fixture, running)
            defer { heir.kill() }
            var count = 0
            func write() async throws {
                try await fixture.write(keys)
                count += 1
            }
            try await eventually(timeoutSeconds: 30) {
                try await write()
                return Set(try await fixture.effects().map(\.member)) == ["zombie", "heir"]
            }
            // Stop it while messages are on their way.
            for _ in 0..<10 { try await write() }
            zombie.stop()
            for _ in 0..<10 { try await write() }
            let expected = count * keys.count
            try await eventually(timeoutSeconds: 10) { try await fixture.effectCount() >= expected }
            zombie.resume()
            // It works again only with lanes that it was given anew.
            try await eventually(timeoutSeconds: 30) {
                try await write()
                return try await fixture.effects().suffix(keys.count).contains { $0.member == "zombie" }
            }
            let total = count * keys.count
            try await eventually(timeoutSeconds: 30) { try await fixture.effectCount() >= total }
            let ledger = Ledger(try await fixture.effects(), expecting: count, of: keys)
            #expect(ledger.isClean, "\(ledger)")
        }
    }

    @Test(arguments: ConformanceDrivers.all)
    func `a member that joins gets its share and one that leaves gives it back`(
        driver: any ConformanceDriver
    ) async throws {
        try await withDriver(driver) { fixture, running in
            // One key for each lane, so that effects show who holds it.
            var keyOfLane: [Int: UUID] = [:]
            while keyOfLane.count < 12 {
                let key = UUID()
                keyOfLane[LaneHash.lane(of: key, lanes: 12)] = key
            }
            let keys = Array(keyOfLane.values)
            func holders() async throws -> [String: Int] {
                try await fixture.write(keys)
                try await Task.sleep(for: .milliseconds(200))
                let last = Dictionary(try await fixture.effects().map { ($0.key, $0.member) }) { $1 }
                return last.values.reduce(into: [:]) { $0[$1, default: 0] += 1 }
            }
            let first = try MemberProcess("first", fixture, running)
            defer { first.kill() }
            try await eventually(timeoutSeconds: 30) { try await holders() == ["first": 12] }
            let second = try MemberProcess("second", fixture, running)
            defer { second.kill() }
            try await eventually(timeoutSeconds: 30) { try await holders() == ["first": 6, "second": 6] }
            let third = try MemberProcess("third", fixture, running)
            defer { third.kill() }
            try await eventually(timeoutSeconds: 30) {
                try await holders() == ["first": 4, "second": 4, "third": 4]
            }
            second.terminate()
            #expect(second.waitUntilExit() == 0)
            try await eventually(timeoutSeconds: 30) { try await holders() == ["first": 6, "third": 6] }
            let effects = try await fixture.effects()
            #expect(Set(effects.map { "\($0.key)/\($0.seq)" }).count == effects.count)
        }
    }
}
