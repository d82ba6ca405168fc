// SPDX-License-Identifier: Apache-2.0
import Postgres

/// The steps of the schema `orchestration`, applied after those of messaging.
enum OrchestratorMigrations {
    static let all: [Migration] = [
        Migration(version: 1, name: "envelopes", embedded: PackageResources._001_envelopes_sql)
    ]
}
