// SPDX-License-Identifier: Apache-2.0
import Postgres

/// The signer's own tables.
enum SignerMigrations {
    static let all = [
        Migration(version: 1, name: "signing_intents", embedded: PackageResources._001_signing_intents_sql),
        Migration(version: 2, name: "key_transitions", embedded: PackageResources._002_key_transitions_sql),
        Migration(version: 3, name: "levels", embedded: PackageResources._003_levels_sql),
    ]
}
