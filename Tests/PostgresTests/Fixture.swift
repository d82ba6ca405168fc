// SPDX-License-Identifier: Apache-2.0

import Postgres
import TestSupport

/// Databases with a table of the test's own.
enum Fixture {
    /// A fresh database whose intake schema holds what the SQL makes, with all rights for the intake role.
    static func database(_ sql: String, on server: TestPostgres? = nil) async throws -> TestDatabase {
        let database: TestDatabase
        if let server { database = try await server.database() } else { database = try await TestPostgres.database() }
        let grants = "; grant all on all tables in schema intake to paraph_intake"
        try await database.migrate(.intake, [("test", [Migration(version: 1, name: "tables", sql: sql + grants)])])
        return database
    }

    /// A pool of the intake role on such a database.
    static func pool(_ sql: String, size: Int = 4) async throws -> PostgresPool {
        try await database(sql).pool(.intake, size: size)
    }
}
