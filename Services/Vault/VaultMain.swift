// SPDX-License-Identifier: Apache-2.0
import Envelopes
import Postgres
import ServiceAPI
import ServiceKit

@main
struct VaultMain {
    static func main() async {
        await ServiceMain.run(
            "paraph-vault", configuration: VaultConfiguration.self,
            migrate: { request in
                try await BackboneMigrations.run(
                    .vault, sets: [(name: "vault", migrations: VaultMigrations.all)], request: request)
            },
            commands: [redrive], assemble: VaultAssembly.services)
    }

    /// The vault's own acts go into the log without a message.
    static let redrive = RedriveCommand.make(
        .vault, backbone: { (configuration: VaultConfiguration) in configuration.backbone },
        audit: { try await AuditLog(pool: $1).append([SealedEvent(own: $0)], at: $0.occurredAt, in: $2) })
}
