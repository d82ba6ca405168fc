// SPDX-License-Identifier: Apache-2.0
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
            commands: [RedriveCommand.make(.vault) { $0.backbone }], assemble: VaultAssembly.services)
    }
}
