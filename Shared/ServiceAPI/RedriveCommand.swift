// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
package import Configuration
import Foundation
import Messaging
package import Postgres
package import ServiceKit

/// `redrive list` and `redrive run ID`, the same for every service.
package enum RedriveCommand {
    /// The command for a service, whose configuration holds a `BackboneConfiguration`.
    package static func make<C: ServiceConfiguration>(
        _ role: ServiceRole, backbone: @escaping @Sendable (C) -> BackboneConfiguration
    ) -> ServiceSubcommand<C> {
        ServiceSubcommand(name: "redrive", usage: "redrive list [--json] | redrive run ID") {
            configuration, environment, words in
            let pool = PostgresPool(
                Backbone.database(role, configuration: backbone(configuration), environment: environment),
                logger: environment.logger, metrics: environment.metrics)
            let store = MessagingRuntime.deadLetters(pool: pool, environment: environment)
            do {
                try await run(words, store)
            } catch {
                await pool.close()
                throw error
            }
            await pool.close()
        }
    }

    private static func run(_ words: [String], _ store: DeadLetterStore) async throws {
        switch words {
        case ["list"], ["list", "--json"]:
            let letters = try await store.list()
            for letter in letters { print(words.count == 2 ? json(letter) : line(letter)) }
            if letters.isEmpty, words.count == 1 { print("No dead letters.") }
        case let words where words.count == 2 && words[0] == "run":
            guard let id = Int64(words[1]) else {
                throw ServiceExit(.usage, "ID is the number that `list` shows first")
            }
            guard let parked = try await store.redrive(id: id) else {
                throw ServiceExit(.usage, "there is no dead letter \(id): `list` shows those there are")
            }
            print("Put back; \(parked) parked behind it follow in order.")
        default: throw ServiceExit(.usage, "usage: redrive list [--json] | redrive run ID")
        }
    }

    private static func line(_ letter: DeadLetter) -> String {
        let id = letter.id.map(String.init) ?? "-"
        return
            "\(id)  \(letter.diedAt.rfc3339(fractionDigits: 3))  \(letter.reasonCode)  \(letter.message.type)  \(letter.message.id)  \(letter.reasonDetail)"
    }

    private static func json(_ letter: DeadLetter) -> String {
        let value = JSONValue.object([
            "id": .integer(letter.id ?? 0), "died_at": .string(letter.diedAt.rfc3339(fractionDigits: 3)),
            "reason": .string(letter.reasonCode), "detail": .string(letter.reasonDetail),
            "type": .string(letter.message.type), "message_id": .string(letter.message.id),
            "attempts": .integer(Int64(letter.attempts)),
        ])
        return String(decoding: value.canonicalBytes(), as: UTF8.self)
    }
}
