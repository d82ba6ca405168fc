// SPDX-License-Identifier: Apache-2.0
import Clocks
import Contracts
import FoundationEssentials
import Logging
import Messaging
import Metrics
import Postgres
import ServiceKit
import TestSupport

/// One database with the schemas of two services, one that writes commands and one that reads them, and a table in the
/// reader's schema where each handled message leaves a row.
struct MessagingFixture: Sendable {
    static let topic = Topic.envelopeCommands
    static let consumer = ServiceRole.orchestrator.consumer
    static let start = Instant(rfc3339: "2026-11-20T10:00:00Z") ?? Instant(microseconds: 0)

    let database: TestDatabase
    let clock: ManualClock
    let logs = MemoryLogWriter()
    let metrics = MetricsRegistry()
    let producerPool: PostgresPool
    let consumerPool: PostgresPool
    let wakeUp: WakeUp
    let outbox: OutboxWriter

    static func make(
        server: TestPostgres? = nil, roles: [ServiceRole] = [.intake, .orchestrator], consumerSessions: Int = 6
    ) async throws -> MessagingFixture {
        let database = if let server { try await server.database() } else { try await TestPostgres.database() }
        for role in roles { try await database.migrate(role, [("messaging", MessagingMigrations.all)]) }
        if roles.contains(.orchestrator) { try await database.migrate(.orchestrator, [("effects", effects)]) }
        let owner = database.ownerPool(of: .intake)
        try await MessagingMigrations.connect(as: owner)
        await owner.close()
        let fixture = MessagingFixture(database, consumerSessions)
        if roles.contains(.intake) {
            let partitions = OutboxPartitions(pool: fixture.producerPool, clock: fixture.clock.clock, logger: .disabled)
            try await partitions.ensure()
        }
        return fixture
    }

    private init(_ database: TestDatabase, _ consumerSessions: Int) {
        self.database = database
        clock = ManualClock(Self.start)
        producerPool = database.pool(.intake)
        consumerPool = database.pool(.orchestrator, size: consumerSessions)
        wakeUp = WakeUp(pool: producerPool)
        outbox = OutboxWriter(producer: ServiceRole.intake.schema, clock: clock.clock, wakeUp: wakeUp)
    }

    private static let effects = [
        Migration(
            version: 1, name: "effects",
            sql: """
                create table effects (
                    n bigint generated always as identity, producer text, key uuid, seq bigint, member text,
                    payload bytea, at timestamptz default clock_timestamp());
                grant select, insert, delete on effects to paraph_orchestrator;
                """)
    ]

    /// Closes the pools; the database goes with its server.
    func close() async {
        await producerPool.close()
        await consumerPool.close()
    }

    /// Hears what writers tell; run it beside consumers of this process.
    var listener: PostgresListener {
        PostgresListener(producerPool.configuration, channels: [WakeUp.channel]) { [wakeUp] in wakeUp.receive($0) }
    }

    // MARK: - Writing

    func message(_ key: UUID, _ payload: String = "{}", topic: Topic = topic) -> OutgoingMessage {
        OutgoingMessage(topic: topic, key: key, type: "TestV1", tenantID: Self.tenant, payload: Array(payload.utf8))
    }

    static let tenant = UUID(uuid: (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16))

    /// Writes one act for each key, in one transaction.
    @discardableResult
    func write(_ keys: [UUID], _ payload: String = "{}") async throws -> Int {
        try await producerPool.withTransaction { transaction in
            try await outbox.write(keys.map { Act(messages: [message($0, payload)]) }, in: transaction)
        }
    }

    /// Writes so many messages to each key, in transactions of at most 500 messages.
    func write(_ count: Int, to keys: [UUID]) async throws {
        var all: [UUID] = []
        for _ in 0..<count { all += keys }
        var start = 0
        while start < all.count {
            try await write(Array(all[start..<min(start + 500, all.count)]))
            start += 500
        }
    }

    static func keys(_ count: Int) -> [UUID] { (0..<count).map { _ in UUID() } }

    // MARK: - Reading

    func consumer(
        _ log: any MessageLog, _ handler: any MessageHandler, topics: [Topic] = [topic],
        settings: ConsumerSettings = ConsumerSettings()
    ) -> ConsumerLoop {
        ConsumerLoop(
            consumer: Self.consumer, topics: topics, log: log, pool: consumerPool, outbox: replies, handler: handler,
            settings: settings, clock: clock.clock, logger: logs.logger, metrics: metrics)
    }

    func consumer(
        _ log: any MessageLog, effects: some EffectHandler, settings: ConsumerSettings = ConsumerSettings()
    ) -> ConsumerLoop {
        ConsumerLoop(
            consumer: Self.consumer, topics: [Self.topic], log: log, pool: consumerPool, outbox: replies,
            effects: effects, settings: settings, clock: clock.clock, logger: logs.logger, metrics: metrics)
    }

    func consumer(_ log: any MessageLog, preparing handler: some PreparingHandler) -> ConsumerLoop {
        ConsumerLoop(
            consumer: Self.consumer, topics: [Self.topic], log: log, pool: consumerPool, outbox: replies,
            preparing: handler, clock: clock.clock, logger: logs.logger, metrics: metrics)
    }

    /// What the consuming service itself writes with.
    var replies: OutboxWriter {
        OutboxWriter(producer: ServiceRole.orchestrator.schema, clock: clock.clock, wakeUp: wakeUp)
    }

    /// Every handled message in the order of handling.
    func effects() async throws -> [Effect] {
        let result = try await consumerPool.execute(
            PostgresStatement("select key, seq, member from effects order by n"))
        return try result.rows.map { Effect(key: try $0.uuid(0), seq: try $0.int64(1), member: try $0.string(2)) }
    }

    func effectCount() async throws -> Int {
        let result = try await consumerPool.execute(PostgresStatement("select count(*) from effects"))
        return try result.rows.first?.int(0) ?? 0
    }
}

/// One row of the table of effects.
struct Effect: Sendable, Hashable {
    let key: UUID
    let seq: Int64
    let member: String
}

/// The verdict over a table of effects: nothing lost, nothing twice, each stream in order.
struct Ledger {
    let missing: Int
    let duplicates: Int
    let disorders: Int

    init(_ effects: [Effect], expecting count: Int, of keys: [UUID]) {
        var seen: [UUID: [Int64]] = [:]
        for effect in effects { seen[effect.key, default: []].append(effect.seq) }
        var missing = 0
        var duplicates = 0
        var disorders = 0
        for key in keys {
            let seqs = seen[key] ?? []
            missing += count - Set(seqs).count
            duplicates += seqs.count - Set(seqs).count
            disorders += zip(seqs, seqs.dropFirst()).count { $0 > $1 }
        }
        self.missing = missing
        self.duplicates = duplicates
        self.disorders = disorders
    }

    var isClean: Bool { missing == 0 && duplicates == 0 && disorders == 0 }
}

/// Runs services beside a body and stops them, in reverse order, when it ends.
func withServices<R: Sendable>(_ services: [any Service], _ body: () async throws -> R) async throws -> R {
    let stops = services.map { _ in ShutdownSignal() }
    return try await withThrowingTaskGroup(of: Void.self) { group in
        for (service, stop) in zip(services, stops) {
            group.addTask { try await service.run(until: stop) }
        }
        let result: Result<R, any Error>
        do {
            result = .success(try await body())
        } catch {
            result = .failure(error)
        }
        for stop in stops.reversed() { stop.trigger() }
        try await group.waitForAll()
        return try result.get()
    }
}
