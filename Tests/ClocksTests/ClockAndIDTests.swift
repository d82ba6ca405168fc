// SPDX-License-Identifier: Apache-2.0
import Clocks
import FoundationEssentials
import Synchronization
import Testing

struct ClockAndIDTests {
    @Test func `a manual clock moves only when told`() {
        let manual = ManualClock(Instant(microseconds: 5))
        #expect(manual.clock.now() == manual.clock.now())
        manual.advance(bySeconds: 2)
        #expect(manual.clock.now().microseconds == 2_000_005)
    }

    @Test func `a file shifts the clock and its absence does not`() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "clock-\(UUID().uuidString)").path
        #expect(abs(BusinessClock.shifted(byFile: path).now().seconds(since: BusinessClock.system.now())) < 60)
        try "86400\n".write(toFile: path, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let shift = BusinessClock.shifted(byFile: path).now().seconds(since: BusinessClock.system.now())
        #expect(abs(shift - 86_400) < 60)
    }

    @Test func `ids have version 7, the clock's time and strictly increase`() {
        let manual = ManualClock(Instant(microseconds: 1_645_557_742_000_000))
        let ids = IDSource.uuidv7(clock: manual.clock)
        var last = ids.next().uuidString
        #expect(last.hasPrefix("017F22E2-79B0-7"))
        for round in 0..<10_000 {
            if round == 5000 { manual.advance(bySeconds: -3600) }
            let next = ids.next().uuidString
            if next <= last { Issue.record("\(next) does not follow \(last)") }
            if !"89AB".contains(next.dropFirst(19).prefix(1)) { Issue.record("\(next) has another variant") }
            last = next
        }
    }

    @Test func `ids of many tasks differ`() async {
        let ids = IDSource.uuidv7(clock: .system)
        let all = await withTaskGroup(of: [UUID].self) { group in
            for _ in 0..<8 { group.addTask { (0..<2000).map { _ in ids.next() } } }
            var all: Set<UUID> = []
            for await part in group { all.formUnion(part) }
            return all
        }
        #expect(all.count == 16_000)
    }

    @Test func `the same seed gives the same ids`() {
        let first = IDSource.sequential(seed: 7)
        let second = IDSource.sequential(seed: 7)
        let other = IDSource.sequential(seed: 8)
        let row = (0..<3).map { _ in first.next() }
        #expect(row == (0..<3).map { _ in second.next() })
        #expect(Set(row).count == 3)
        #expect(!row.contains(other.next()))
    }
}
