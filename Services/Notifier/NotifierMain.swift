// SPDX-License-Identifier: Apache-2.0
import Postgres
import ServiceAPI
import ServiceKit

@main
struct NotifierMain {
    static func main() async {
        await ServiceMain.run(
            "paraph-notifier", configuration: NotifierConfiguration.self,
            migrate: { request in
                try await BackboneMigrations.run(
                    .notifier, sets: [(name: "notification", migrations: NotifierMigrations.all)], request: request)
            },
            commands: [RedriveCommand.make(.notifier) { $0.backbone }], assemble: NotifierAssembly.services)
    }
}
