// SPDX-License-Identifier: Apache-2.0
import Postgres
import ServiceAPI
import ServiceKit

@main
struct RetentionMain {
    static func main() async {
        await ServiceMain.run(
            "paraph-retention", configuration: RetentionConfiguration.self,
            migrate: { request in
                try await BackboneMigrations.run(
                    .retention, sets: [(name: "retention", migrations: RetentionMigrations.all)], request: request)
            },
            commands: [RedriveCommand.make(.retention) { $0.backbone }, DisposeCommand.make()],
            assemble: RetentionAssembly.services)
    }
}
