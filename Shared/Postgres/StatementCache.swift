// SPDX-License-Identifier: Apache-2.0

/// Which SQL texts one session holds prepared, under which names, least recently used first out.
///
/// One text can be prepared more than once when its parameters' types differ; NULL fits any type.
struct StatementCache {
    /// What to do before a statement can be executed.
    struct Plan {
        let name: String
        let mustPrepare: Bool
        let evicted: String?
    }

    private struct Entry {
        let name: String
        let types: [UInt32]
        var lastUse: UInt64
    }

    private let capacity: Int
    private var entries: [String: [Entry]] = [:]
    private var count = 0
    private var clock: UInt64 = 0

    init(capacity: Int = 256) {
        self.capacity = capacity
    }

    /// Finds the prepared form of a statement or makes room for a new one.
    mutating func plan(for statement: PostgresStatement) -> Plan {
        clock += 1
        if let found = entries[statement.sql]?.firstIndex(where: { fits($0.types, statement.parameters) }) {
            entries[statement.sql]?[found].lastUse = clock
            return Plan(name: entries[statement.sql]?[found].name ?? "", mustPrepare: false, evicted: nil)
        }
        let evicted = count >= capacity ? evictOldest() : nil
        let name = "p\(clock)"
        let types = statement.parameters.map(TypeOID.of)
        entries[statement.sql, default: []].append(Entry(name: name, types: types, lastUse: clock))
        count += 1
        return Plan(name: name, mustPrepare: true, evicted: evicted)
    }

    /// Forgets a statement that the server did not prepare after all.
    mutating func forget(sql: String, name: String) {
        guard let index = entries[sql]?.firstIndex(where: { $0.name == name }) else { return }
        entries[sql]?.remove(at: index)
        if entries[sql]?.isEmpty == true { entries[sql] = nil }
        count -= 1
    }

    private func fits(_ types: [UInt32], _ values: [PostgresValue]) -> Bool {
        guard types.count == values.count else { return false }
        for (type, value) in zip(types, values) {
            let given = TypeOID.of(value)
            if given != TypeOID.unspecified && given != type { return false }
        }
        return true
    }

    private mutating func evictOldest() -> String? {
        var oldest: (sql: String, entry: Entry)?
        for (sql, variants) in entries {
            for entry in variants where entry.lastUse < oldest?.entry.lastUse ?? .max { oldest = (sql, entry) }
        }
        guard let oldest else { return nil }
        forget(sql: oldest.sql, name: oldest.entry.name)
        return oldest.entry.name
    }
}
