// SPDX-License-Identifier: Apache-2.0
package import FoundationEssentials
import Synchronization

/// The only source of new ids, so that tests can foretell them.
package struct IDSource: Sendable {
    private let make: @Sendable () -> UUID

    /// Uses the closure for every id.
    package init(next: @escaping @Sendable () -> UUID) { make = next }

    /// A new id.
    package func next() -> UUID { make() }

    /// UUIDs of version 7 (RFC 9562, 5.7): strictly increasing within the process, also when the clock steps back.
    package static func uuidv7(clock: BusinessClock) -> IDSource {
        let generator = UUIDv7Generator(clock: clock)
        return IDSource { generator.next() }
    }

    /// The same row of ids for the same seed; they have the shape of version 7.
    package static func sequential(seed: UInt32) -> IDSource {
        let counter = Atomic<UInt64>(0)
        let shared = SequentialCounter(counter)
        return IDSource {
            UUIDv7Generator.uuid(milliseconds: UInt64(seed), counter: 0, random: shared.next())
        }
    }
}

private final class SequentialCounter: Sendable {
    private let counter: Atomic<UInt64>

    init(_ counter: consuming Atomic<UInt64>) { self.counter = counter }

    func next() -> UInt64 { counter.add(1, ordering: .relaxed).newValue }
}

/// RFC 9562, 6.2, method 1: a 26-bit counter behind the milliseconds, seeded anew each millisecond, then 48 random bits.
final class UUIDv7Generator: Sendable {
    private struct State {
        var milliseconds: UInt64 = 0
        var counter: UInt32 = 0
    }

    private let clock: BusinessClock
    private let state = Mutex(State())

    init(clock: BusinessClock) { self.clock = clock }

    func next() -> UUID {
        let milliseconds = UInt64(max(0, clock.now().microseconds / 1000))
        let random = UInt64.random(in: .min ... .max)
        let seed = UInt32.random(in: .min ... .max) >> 7  // 25 bits: half the counter stays free to count up
        let (time, counter) = state.withLock { state -> (UInt64, UInt32) in
            if milliseconds > state.milliseconds {
                state.milliseconds = milliseconds
                state.counter = seed
            } else {
                state.counter += 1
                if state.counter >= 1 << 26 {
                    state.milliseconds += 1
                    state.counter = seed
                }
            }
            return (state.milliseconds, state.counter)
        }
        return Self.uuid(milliseconds: time, counter: counter, random: random)
    }

    static func uuid(milliseconds: UInt64, counter: UInt32, random: UInt64) -> UUID {
        func byte(_ value: UInt64, _ shift: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: value >> shift) }
        let counter = UInt64(counter)
        return UUID(
            uuid: (
                byte(milliseconds, 40), byte(milliseconds, 32), byte(milliseconds, 24), byte(milliseconds, 16),
                byte(milliseconds, 8), byte(milliseconds, 0),
                0x70 | byte(counter, 22) & 0x0F, byte(counter, 14),
                0x80 | byte(counter, 8) & 0x3F, byte(counter, 0),
                byte(random, 40), byte(random, 32), byte(random, 24), byte(random, 16), byte(random, 8),
                byte(random, 0)
            ))
    }
}
