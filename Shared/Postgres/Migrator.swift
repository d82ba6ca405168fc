// SPDX-License-Identifier: Apache-2.0

import ServiceKit

/// Applies a service's migrations in order, each in a transaction of its own, one process at a time.
///
/// `schema_migrations` in the service's schema keeps what was applied with the SHA-256 of its text.
package struct Migrator {
    private let connection: PostgresConnection
    private let schema: String

    /// Applies what is pending, or only lists it.
    ///
    /// - Parameters:
    ///   - schema: The service's schema.
    ///   - sets: Named lists of steps, each ascending by version; the sets run in the order given.
    ///   - owner: Access as `paraph_owner`; for a check the service's own role will do.
    ///   - checkOnly: Changes nothing, and fills the report's `pending`.
    /// - Throws: `PostgresError`; with the code `migration` when an applied step was changed since.
    @discardableResult
    package static func run(
        schema: String, sets: [(name: String, migrations: [Migration])], owner: PostgresConfiguration,
        checkOnly: Bool = false
    ) async throws -> MigrationReport {
        let schema = try SQLIdentifier(schema).text
        let steps = try steps(of: sets)
        var configuration = owner
        configuration.schema = schema
        // A step may rewrite a large table, and may wait for another process that migrates.
        configuration.statementTimeoutSeconds = 0
        configuration.lockTimeoutSeconds = checkOnly ? owner.lockTimeoutSeconds : 0
        let settings = configuration
        return try await BlockingExecutor(label: "paraph.postgres.migrator").run {
            let migrator = Migrator(connection: try PostgresConnection(settings), schema: schema)
            return checkOnly ? try migrator.check(steps) : try migrator.apply(steps)
        }
    }

    // MARK: - Steps

    private struct Step: Sendable {
        let set: String
        let migration: Migration

        var label: String {
            let digits = String(migration.version)
            let version = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
            return "\(set)/\(version)_\(migration.name)"
        }
    }

    private struct Key: Hashable {
        let set: String
        let version: Int
    }

    private static func steps(of sets: [(name: String, migrations: [Migration])]) throws(PostgresError) -> [Step] {
        var steps: [Step] = []
        for (name, migrations) in sets {
            let set = try SQLIdentifier(name).text
            var last = 0
            for migration in migrations {
                _ = try SQLIdentifier("m_" + migration.name)
                guard migration.version > last else {
                    throw PostgresError(
                        .migration,
                        "set \(set): version \(migration.version) does not follow \(last); list them ascending")
                }
                last = migration.version
                steps.append(Step(set: set, migration: migration))
            }
        }
        return steps
    }

    // MARK: - Runs

    private func check(_ steps: [Step]) throws(PostgresError) -> MigrationReport {
        let table = try query("select to_regclass($1) is not null", [.text("\(schema).schema_migrations")])
        let exists = try table.rows.first?.bool(0) ?? false
        let pending = exists ? try pendingSteps(of: steps).map(\.step) : steps
        return MigrationReport(pending: pending.map(\.label))
    }

    private func apply(_ steps: [Step]) throws(PostgresError) -> MigrationReport {
        // Held until the connection closes.
        _ = try query("select pg_advisory_lock(hashtext('paraph.migrations'), hashtext($1))", [.text(schema)])
        try connection.script(
            """
            create table if not exists schema_migrations (
                set_name text not null,
                version integer not null,
                name text not null,
                sha256 bytea not null,
                applied_at timestamptz not null default clock_timestamp(),
                primary key (set_name, version)
            )
            """)
        if let role = ServiceRole.allCases.first(where: { $0.schema == schema }) {
            try connection.script("grant select on schema_migrations to \(role.name)")
        }
        var report = MigrationReport()
        for (step, sha256) in try pendingSteps(of: steps) {
            try apply(step, sha256: sha256)
            report.applied.append(step.label)
        }
        return report
    }

    private func apply(_ step: Step, sha256: String) throws(PostgresError) {
        do throws(PostgresError) {
            try connection.script(
                """
                begin;
                set local search_path = \(schema);
                \(step.migration.sql)
                ;
                insert into \(schema).schema_migrations (set_name, version, name, sha256)
                values ('\(step.set)', \(step.migration.version), '\(step.migration.name)', decode('\(sha256)', 'hex'));
                commit
                """)
        } catch {
            try? connection.script("rollback")
            throw PostgresError(
                error.code, "migration \(step.label): \(error.message)", sqlState: error.sqlState,
                constraint: error.constraint, mayHaveCommitted: error.code != .server)
        }
    }

    // MARK: - Comparison

    private func pendingSteps(of steps: [Step]) throws(PostgresError) -> [(step: Step, sha256: String)] {
        let applied = try appliedDigests()
        let digests = try digests(of: steps)
        var newest: [String: Int] = [:]
        for key in applied.keys { newest[key.set] = max(newest[key.set] ?? 0, key.version) }
        var pending: [(Step, String)] = []
        for (step, digest) in zip(steps, digests) {
            guard let known = applied[Key(set: step.set, version: step.migration.version)] else {
                if let newest = newest[step.set], newest > step.migration.version {
                    throw PostgresError(
                        .migration,
                        "\(step.label) is older than version \(newest), which is applied; give it a new number")
                }
                pending.append((step, digest))
                continue
            }
            guard known == digest else {
                throw PostgresError(
                    .migration, "\(step.label) was changed after it was applied; restore it and add a new migration")
            }
        }
        return pending
    }

    private func appliedDigests() throws(PostgresError) -> [Key: String] {
        let found = try query("select set_name, version, encode(sha256, 'hex') from schema_migrations", [])
        var digests: [Key: String] = [:]
        for row in found.rows { digests[Key(set: try row.string(0), version: try row.int(1))] = try row.string(2) }
        return digests
    }

    /// The server computes digests, so that this module needs no cryptography.
    private func digests(of steps: [Step]) throws(PostgresError) -> [String] {
        let found = try query(
            """
            select encode(sha256(convert_to(m.sql, 'UTF8')), 'hex')
            from unnest($1::text[]) with ordinality as m(sql, place) order by m.place
            """, [.textArray(steps.map(\.migration.sql))])
        var digests: [String] = []
        for row in found.rows { digests.append(try row.string(0)) }
        return digests
    }

    private func query(_ sql: String, _ parameters: [PostgresValue]) throws(PostgresError) -> PostgresResult {
        var exchange = PipelineExchange(connection, statementCount: 1, commits: false)
        return try exchange.run([PostgresStatement(sql, parameters)]).first ?? .empty
    }
}
