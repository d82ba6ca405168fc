// SPDX-License-Identifier: Apache-2.0
import Postgres
import ServiceAPI
import ServiceKit

@main
struct IntakeMain {
    static func main() async {
        await ServiceMain.run(
            "paraph-intake", configuration: IntakeConfiguration.self,
            migrate: { request in
                try await BackboneMigrations.run(.intake, sets: IntakeMigrations.sets, request: request)
            },
            commands: [RedriveCommand.make(.intake) { $0.backbone }, AdminCommand.make()],
            assemble: IntakeAssembly.services)
    }
}
