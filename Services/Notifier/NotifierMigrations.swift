// SPDX-License-Identifier: Apache-2.0
import Postgres

/// The notifier's own tables.
enum NotifierMigrations {
    static let all = [
        Migration(version: 1, name: "deliveries", embedded: PackageResources._001_deliveries_sql)
    ]
}
