// SPDX-License-Identifier: Apache-2.0
import Idempotency
import Postgres

/// Intake's tables and the idempotency records beside them.
enum IntakeMigrations {
    static let sets: [(name: String, migrations: [Migration])] = [
        (name: "idempotency", migrations: IdempotencyMigrations.all),
        (
            name: "intake",
            migrations: [
                Migration(version: 1, name: "intake", embedded: PackageResources._001_intake_sql),
                Migration(version: 2, name: "recipient_acts", embedded: PackageResources._002_recipient_acts_sql),
                Migration(version: 3, name: "tenant_level", embedded: PackageResources._003_tenant_level_sql),
            ]
        ),
    ]
}
