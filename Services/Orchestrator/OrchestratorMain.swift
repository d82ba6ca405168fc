// SPDX-License-Identifier: Apache-2.0
import Postgres
import ServiceAPI
import ServiceKit

@main
struct OrchestratorMain {
    static func main() async {
        await ServiceMain.run(
            "paraph-orchestrator", configuration: OrchestratorConfiguration.self,
            migrate: { request in
                try await BackboneMigrations.run(
                    .orchestrator, sets: [(name: "orchestrator", migrations: OrchestratorMigrations.all)],
                    request: request)
            },
            commands: [RedriveCommand.make(.orchestrator) { $0.backbone }],
            assemble: OrchestratorAssembly.services)
    }
}
