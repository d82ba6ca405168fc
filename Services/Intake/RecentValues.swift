// SPDX-License-Identifier: Apache-2.0

/// A bounded memory of what was used last: when its newer half is full, it forgets the older half and begins anew.
struct RecentValues<Key: Hashable, Value> {
    private let halfCapacity: Int
    private var newer: [Key: Value] = [:]
    private var older: [Key: Value] = [:]

    /// - Parameter capacity: The most values that are kept.
    init(capacity: Int) { halfCapacity = max(1, capacity / 2) }

    /// Reading counts as use.
    subscript(key: Key) -> Value? {
        mutating get {
            if let value = newer[key] { return value }
            guard let value = older[key] else { return nil }
            self[key] = value
            return value
        }
        set {
            older[key] = nil
            if newer[key] == nil, newValue != nil, newer.count >= halfCapacity {
                older = newer
                newer = [:]
            }
            newer[key] = newValue
        }
    }

    var count: Int { newer.count + older.count }
}
