// SPDX-License-Identifier: Apache-2.0
import Postgres

/// The vault's own tables.
enum VaultMigrations {
    static let all = [
        Migration(version: 1, name: "audit_events", embedded: PackageResources._001_audit_events_sql),
        Migration(
            version: 2, name: "disposal_and_gaps", embedded: PackageResources._002_disposal_and_gaps_sql),
    ]
}
