// SPDX-License-Identifier: Apache-2.0
import Clocks
import Contracts
import Foundation
import Logging
import Messaging
import Metrics
import Postgres
import ServiceKit

/// One member of the orchestrator's group in a process of its own, for tests that kill and stop it.
///
/// Environment: `MEMBER_NAME`, `MEMBER_SOCKET` (folder), `MEMBER_DATABASE`, `MEMBER_DRIVER` and what the driver needs,
/// `MEMBER_EFFECTS=1` to handle messages as effects. Each handled message leaves a row in `effects`.
@main
enum MemberMain {
    static func main() async throws {
        let environment = ProcessInfo.processInfo.environment
        let name = environment["MEMBER_NAME"] ?? "member"
        let logger = Logger(service: name, level: .warning, writer: LineLogWriter(format: .json))
        let metrics = MetricsRegistry()
        let pool = PostgresPool(
            PostgresConfiguration(
                host: environment["MEMBER_SOCKET"] ?? "", database: environment["MEMBER_DATABASE"] ?? "",
                user: ServiceRole.orchestrator.name, applicationName: name, schema: ServiceRole.orchestrator.schema,
                idleInTransactionTimeoutSeconds: 5), logger: logger, metrics: metrics)
        let wakeUp = WakeUp(pool: pool)
        let log = try MemberLog.make(environment, pool: pool, wakeUp: wakeUp, logger: logger)
        let outbox = OutboxWriter(producer: ServiceRole.orchestrator.schema, clock: .system, wakeUp: wakeUp)
        let consumer =
            environment["MEMBER_EFFECTS"] == nil
            ? ConsumerLoop(
                consumer: ServiceRole.orchestrator.consumer, topics: [.envelopeCommands], log: log, pool: pool,
                outbox: outbox, handler: MemberHandler(member: name), clock: .system, logger: logger, metrics: metrics)
            : ConsumerLoop(
                consumer: ServiceRole.orchestrator.consumer, topics: [.envelopeCommands], log: log, pool: pool,
                outbox: outbox, effects: MemberEffects(member: name),
                settings: ConsumerSettings(batchSize: 20, concurrency: 3), clock: .system, logger: logger,
                metrics: metrics)
        let listener = PostgresListener(pool.configuration, channels: [WakeUp.channel]) { wakeUp.receive($0) }
        try await ServiceGroup(services: [pool, listener, wakeUp, consumer], logger: logger).run()
    }
}

/// Leaves a row for each message.
struct MemberHandler: MessageHandler {
    let member: String

    func handle(_ messages: [InboundMessage], in transaction: PostgresTransaction) async throws -> [Act] {
        _ = try await transaction.execute(Self.insertion(messages, member))
        return []
    }

    static func insertion(_ messages: [InboundMessage], _ member: String) -> PostgresStatement {
        PostgresStatement(
            """
            insert into effects (member, producer, key, seq, payload)
            select $1, t.* from unnest($2::text[], $3::uuid[], $4::int8[], $5::bytea[]) as t
            """,
            [
                .text(member), .textArray(messages.map(\.producer)), .uuidArray(messages.map(\.key)),
                .int8Array(messages.map(\.seq)), .byteaArray(messages.map(\.payload)),
            ])
    }
}

/// Does nothing outside for a few milliseconds, then leaves the rows.
struct MemberEffects: EffectHandler {
    let member: String

    func intend(_ messages: [InboundMessage], in transaction: PostgresTransaction) async throws -> [String] {
        messages.map(\.id)
    }

    func perform(_ work: [String]) async throws -> [String] {
        try await Task.sleep(for: .milliseconds(5))
        return work
    }

    func record(
        _ outcomes: [String], of messages: [InboundMessage], in transaction: PostgresTransaction
    ) async throws -> [Act] {
        _ = try await transaction.execute(MemberHandler.insertion(messages, member))
        return []
    }
}
