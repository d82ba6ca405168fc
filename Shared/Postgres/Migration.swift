// SPDX-License-Identifier: Apache-2.0

/// One forward step of a schema, in plain SQL; once applied anywhere its text never changes.
package struct Migration: Sendable, Hashable {
    /// The step's number in its set, ascending.
    package let version: Int
    /// Lower-case words with `_` that say what it does.
    package let name: String
    /// The commands; they run in one transaction with the service's schema as search path.
    package let sql: String

    /// Takes the SQL as text.
    package init(version: Int, name: String, sql: String) {
        self.version = version
        self.name = name
        self.sql = sql
    }

    /// Takes the SQL as an embedded resource.
    package init(version: Int, name: String, embedded: [UInt8]) {
        self.init(version: version, name: name, sql: String(decoding: embedded, as: UTF8.self))
    }
}

/// What a run of the migrator did, or would do; each step as `set/version_name`.
package struct MigrationReport: Sendable, Equatable {
    /// Steps applied by this run, in order.
    package var applied: [String] = []
    /// Steps not applied yet; empty unless the run only checked.
    package var pending: [String] = []
}
