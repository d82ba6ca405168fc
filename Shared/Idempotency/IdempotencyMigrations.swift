// SPDX-License-Identifier: Apache-2.0
package import Postgres

/// The table of idempotency records, for the schema of the service that takes requests from outside.
package enum IdempotencyMigrations {
    /// Applied in the schema `intake`; the rights go to that service's role.
    package static let all: [Migration] = [
        Migration(
            version: 1, name: "idempotency_records",
            embedded: PackageResources._001_idempotency_records_sql)
    ]
}
