// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// A bounded cache in two generations: what was used since the last turn survives it.
///
/// Holds at most twice `capacity` entries; every operation is one or two dictionary look-ups.
package final class GenerationCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Generations {
        var young: [Key: Value] = [:]
        var old: [Key: Value] = [:]
    }

    private let capacity: Int
    private let generations = Mutex(Generations())

    /// Keeps the latest `capacity` entries at least.
    package init(capacity: Int) { self.capacity = capacity }

    /// The value kept for the key; nil where there is none any more.
    package subscript(key: Key) -> Value? {
        get {
            generations.withLock { generations in
                if let value = generations.young[key] { return value }
                guard let value = generations.old[key] else { return nil }
                insert(value, for: key, in: &generations)
                return value
            }
        }
        set {
            generations.withLock { generations in
                if let newValue {
                    insert(newValue, for: key, in: &generations)
                } else {
                    generations.young[key] = nil
                    generations.old[key] = nil
                }
            }
        }
    }

    private func insert(_ value: Value, for key: Key, in generations: inout Generations) {
        if generations.young.count >= capacity {
            generations.old = generations.young
            generations.young = [:]
        }
        generations.young[key] = value
    }
}
