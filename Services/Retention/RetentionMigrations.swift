// SPDX-License-Identifier: Apache-2.0
import Postgres

/// The retention service's own tables.
enum RetentionMigrations {
    static let all = [Migration(version: 1, name: "schedules", embedded: PackageResources._001_schedules_sql)]
}
