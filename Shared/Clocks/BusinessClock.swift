// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Synchronization

/// The only source of business time; handed in everywhere, so tests and demonstrations decide what time it is.
package struct BusinessClock: Sendable {
    private let read: @Sendable () -> Instant

    /// Uses the closure for every reading.
    package init(now: @escaping @Sendable () -> Instant) { read = now }

    /// The current business time.
    package func now() -> Instant { read() }

    /// The machine's real-time clock.
    package static let system = BusinessClock { Instant(secondsSince1970: Date().timeIntervalSince1970) }

    /// The system clock plus the seconds written in a file, looked up again at most every 50 ms; for tests only.
    ///
    /// A missing or unreadable file means no shift; several processes follow the same file.
    package static func shifted(byFile path: String) -> BusinessClock {
        let offset = FileOffset(path: path)
        return BusinessClock { system.now().advanced(bySeconds: offset.seconds()) }
    }
}

/// A clock that stands still until it is moved; for tests.
package final class ManualClock: Sendable {
    private let instant: Mutex<Instant>

    /// Starts at the given instant.
    package init(_ start: Instant) { instant = Mutex(start) }

    /// Moves the clock; negative seconds move it back.
    package func advance(bySeconds seconds: Double) {
        instant.withLock { $0 = $0.advanced(bySeconds: seconds) }
    }

    /// A business clock that reads this one.
    package var clock: BusinessClock {
        BusinessClock { self.instant.withLock { $0 } }
    }
}

private final class FileOffset: Sendable {
    private struct State {
        var seconds = 0.0
        var nextLook: ContinuousClock.Instant?
    }

    private let path: String
    private let state = Mutex(State())

    init(path: String) { self.path = path }

    func seconds() -> Double {
        let now = ContinuousClock.now
        return state.withLock { state in
            if let nextLook = state.nextLook, now < nextLook { return state.seconds }
            state.nextLook = now.advanced(by: .milliseconds(50))
            let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
            state.seconds = Double(text.filter { !$0.isWhitespace }) ?? 0
            return state.seconds
        }
    }
}
