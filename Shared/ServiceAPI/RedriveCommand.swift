// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
package import Configuration
import Contracts
package import Envelopes
import Foundation
import Messaging
package import Postgres
package import ServiceKit
import Tracing

/// `redrive list` and `redrive run ID`, the same for every service; what is put back stands in the system's audit chain.
package enum RedriveCommand {
    /// Writes an operator's act into the audit log, in the transaction of the act.
    package typealias AuditRecorder = @Sendable (AuditFact, PostgresPool, PostgresTransaction) async throws -> Void

    /// The command for a service, whose configuration holds a `BackboneConfiguration`.
    ///
    /// - Parameters:
    ///   - role: The service.
    ///   - backbone: Finds the shared part of its configuration.
    ///   - audit: For the vault, which writes its own acts into the log itself; others by their outbox.
    package static func make<C: ServiceConfiguration>(
        _ role: ServiceRole, backbone: @escaping @Sendable (C) -> BackboneConfiguration, audit: AuditRecorder? = nil
    ) -> ServiceSubcommand<C> {
        ServiceSubcommand(name: "redrive", usage: "redrive list [--json] | redrive run ID") {
            configuration, environment, words in
            let backbone = try Backbone(role, configuration: backbone(configuration), environment: environment)
            let outbox = backbone.messaging.outbox
            let redrive = Redrive(
                role: role, store: MessagingRuntime.deadLetters(pool: backbone.pool, environment: environment),
                pool: backbone.pool, environment: environment,
                audit: audit ?? { fact, _, transaction in
                    let event = AuditEventV1(fact: fact)
                    let message = try OutgoingMessage(event, key: event.streamKey, tenantID: fact.tenantID.uuid)
                    try await outbox.write([Act(audit: [message])], in: transaction)
                })
            do {
                try await run(words, redrive)
            } catch {
                await backbone.pool.close()
                throw error
            }
            await backbone.pool.close()
        }
    }

    private static func run(_ words: [String], _ redrive: Redrive) async throws {
        switch words {
        case ["list"], ["list", "--json"]:
            let letters = try await redrive.store.list()
            for letter in letters { print(words.count == 2 ? json(letter) : line(letter)) }
            if letters.isEmpty, words.count == 1 { print("No dead letters.") }
        case let words where words.count == 2 && words[0] == "run":
            guard let id = Int64(words[1]) else {
                throw ServiceExit(.usage, "ID is the number that `list` shows first")
            }
            guard let parked = try await redrive.run(id) else {
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

/// Puts dead letters of one service back, each with its audit event.
private struct Redrive {
    let role: ServiceRole
    let store: DeadLetterStore
    let pool: PostgresPool
    let environment: ServiceEnvironment
    let audit: RedriveCommand.AuditRecorder

    /// As `DeadLetterStore.redrive`; an attempt that was refused is recorded as well.
    func run(_ id: Int64) async throws -> Int? {
        do {
            return try await store.redrive(id: id) { letter, parked, transaction in
                var fact = fact(of: id)
                fact.metadata["message_id"] = .string(letter.message.id)
                fact.metadata["message_type"] = .string(letter.message.type)
                fact.metadata["died_of"] = .string(letter.reasonCode)
                fact.metadata["parked_messages"] = .integer(Int64(parked))
                try await audit(fact, pool, transaction)
            }
        } catch let refusal as PermanentFailure {
            var fact = fact(of: id)
            fact.outcome = .denied
            fact.reason = refusal.code
            let refused = fact
            try await pool.withTransaction { try await audit(refused, pool, $0) }
            throw ServiceExit(.usage, "dead letter \(id) cannot be put back: \(refusal.detail)")
        }
    }

    /// Whoever runs the command has the service's own rights; the log knows no name for them.
    private func fact(of id: Int64) -> AuditFact {
        AuditFact(
            eventID: environment.ids.next(), tenantID: TenantID(AuditEventV1.systemKey), subject: .system,
            eventType: "dead_letter.redriven", actor: AuditActor(kind: .operator, id: role.rawValue),
            occurredAt: environment.clock.now(), correlationID: CorrelationID(environment.ids.next()).text,
            metadata: ["consumer": .string(role.consumer), "dead_letter": .integer(id)])
    }
}
