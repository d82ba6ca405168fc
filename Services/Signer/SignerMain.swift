// SPDX-License-Identifier: Apache-2.0
import Postgres
import ServiceAPI
import ServiceKit

@main
struct SignerMain {
    static func main() async {
        await ServiceMain.run(
            "paraph-signer", configuration: SignerConfiguration.self,
            migrate: { request in
                try await BackboneMigrations.run(
                    .signer, sets: [(name: "signing", migrations: SignerMigrations.all)], request: request)
            },
            commands: [RedriveCommand.make(.signer) { $0.backbone }], assemble: SignerAssembly.services)
    }
}
