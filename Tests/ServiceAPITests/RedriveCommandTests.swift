// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Configuration
import Contracts
import Messaging
import Postgres
import ServiceAPI
import ServiceKit
import TestSupport
import Testing

private struct SampleConfiguration: ServiceConfiguration {
    static let keyPrefix = "SAMPLE_"
    static var keys: [any ConfigurationKeyDescription] { BackboneConfiguration.keys(prefix: keyPrefix) }

    let backbone: BackboneConfiguration

    init(reader: inout ConfigurationReader) {
        backbone = BackboneConfiguration(reader: &reader, prefix: Self.keyPrefix)
    }
}

@Suite(.timeLimit(.minutes(2)))
struct RedriveCommandTests {
    private let database: TestDatabase
    private let pool: PostgresPool

    init() async throws {
        database = try await TestPostgres.database()
        try await database.migrate(.retention, [(name: "messaging", migrations: MessagingMigrations.all)])
        let owner = database.ownerPool(of: .retention)
        try await MessagingMigrations.connect(as: owner)
        await owner.close()
        pool = database.pool(.retention)
    }

    /// A dead letter with seq 3 of a stream that stands there, and one message parked behind it; answers its number.
    private func bury() async throws -> Int64 {
        let results = try await pool.batch([
            PostgresStatement(
                """
                insert into stream_position (consumer, producer, topic, key, next_seq, is_parked)
                values ('paraph-retention', 'vault', 'evidence.events.v1', '0198c0de-0000-7000-8000-000000000001', 3, true)
                """),
            PostgresStatement(
                """
                insert into parked_messages
                    (consumer, producer, topic, lane, key, seq, type, tenant_id, written_at, payload)
                values ('paraph-retention', 'vault', 'evidence.events.v1', 1, '0198c0de-0000-7000-8000-000000000001', 4,
                    'EvidenceStoredV1', gen_random_uuid(), '2026-11-20Z', '\\x7b7d')
                """),
            letter(producer: "vault", seq: 3),
        ])
        return try #require(try results.last?.rows.first?.int64(0))
    }

    private func letter(producer: String, seq: Int64) -> PostgresStatement {
        PostgresStatement(
            """
            insert into dead_letters (consumer, producer, topic, lane, key, seq, type, tenant_id, written_at, payload,
                reason_code, reason_detail, attempts, origin, died_at)
            values ('paraph-retention', $1, 'evidence.events.v1', 1, '0198c0de-0000-7000-8000-000000000001', $2,
                'EvidenceStoredV1', gen_random_uuid(), '2026-11-20Z', '\\x7b7d', 'undecodable', 'sha256', 1, 'here',
                '2026-11-20Z')
            returning id
            """, [.text(producer), .int8(seq)])
    }

    private func redrive(_ words: String...) async -> ExitCode {
        let server = database.configuration(for: .retention)
        let process = ServiceProcess(
            name: "paraph-retention", arguments: ["redrive"] + words,
            environment: ["PARAPH_DATABASE_HOST": server.host, "PARAPH_DATABASE_NAME": database.name],
            print: { _, _ in })
        return await process.run(
            configuration: SampleConfiguration.self, migrate: { _ in },
            commands: [RedriveCommand.make(.retention) { $0.backbone }], assemble: { _, _ in throw CancellationError() }
        )
    }

    private func audited() async throws -> [JSONValue] {
        let result = try await pool.execute(
            PostgresStatement("select payload from outbox where topic = $1 order by id", [.text("audit.events.v1")]))
        return try result.rows.map { try JSONValue(parsing: try $0.bytes(0)) }
    }

    @Test func `what an operator puts back stands in the system's audit chain with what waits behind it`() async throws
    {
        let id = try await bury()
        #expect(await redrive("run", String(id)) == .success)
        let events = try await audited()
        let event = try #require(events.first)
        #expect(events.count == 1)
        #expect(event["event_type"]?.stringValue == "dead_letter.redriven")
        #expect(event["outcome"]?.stringValue == "done")
        #expect(event["subject"]?["kind"]?.stringValue == "system")
        #expect(event["actor"] == .object(["kind": "operator", "id": "retention"]))
        let metadata = try #require(event["metadata"])
        #expect(
            metadata["message_id"]?.stringValue
                == "vault/evidence.events.v1/0198c0de-0000-7000-8000-000000000001/3")
        #expect(metadata["message_type"]?.stringValue == "EvidenceStoredV1")
        #expect(metadata["parked_messages"] == .integer(1))
        #expect(metadata["dead_letter"] == .integer(id))
        let free = try await pool.execute(PostgresStatement("select count(*) from parked_messages where is_free"))
        #expect(try free.rows.first?.int(0) == 2)
    }

    @Test func `an attempt that is refused is recorded as denied`() async throws {
        let result = try await pool.execute(letter(producer: "", seq: 9))
        let id = try #require(try result.rows.first?.int64(0))
        #expect(await redrive("run", String(id)) == .usage)
        let events = try await audited()
        #expect(events.map { $0["outcome"]?.stringValue } == ["denied"])
        #expect(events.first?["reason"]?.stringValue == "not_redrivable")
    }

    @Test func `looking and asking for what is not there leave no event`() async throws {
        #expect(await redrive("list", "--json") == .success)
        #expect(await redrive("run", "12345") == .usage)
        #expect(await redrive("run", "x") == .usage)
        #expect(try await audited().isEmpty)
    }
}
