// SPDX-License-Identifier: Apache-2.0
import Postgres

/// The vault's own tables.
enum VaultMigrations {
    static let all = [
        Migration(version: 1, name: "vault", embedded: PackageResources._001_vault_sql)
    ]
}
