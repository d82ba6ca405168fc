// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Contracts
import Foundation
import HTTPClient
import Logging
import Metrics
import Postgres
import TestSupport
import Testing

@testable import Intake

struct KilledCreationTests {
    /// The transaction that makes the envelope waits, when it is durable and before its COMMIT is answered, for a standby
    /// that does not exist; all others do not wait.
    private static let hold = [
        """
        create function hold() returns trigger language plpgsql as
        $$ begin perform set_config('synchronous_commit', 'on', true); return null; end $$
        """,
        "create trigger hold after insert on envelope_drafts for each statement execute function hold()",
    ]

    @Test func `API-10: after kill -9 between the effect and its response the key replays`() async throws {
        let server = try await TestPostgres.start()
        defer { server.stop() }
        let administrator = PostgresPool(server.administrator, logger: .disabled, metrics: MetricsRegistry())
        for command in [
            "alter system set synchronous_commit = 'local'",
            "alter system set synchronous_standby_names = 'nobody'", "select pg_reload_conf()",
        ] {
            _ = try await administrator.execute(PostgresStatement(command))
        }
        try await IntakeFixture.run(server: server) { intake in
            let process = try await IntakeProcess(beside: intake)
            let owner = intake.database.ownerPool(of: .intake)
            for command in Self.hold { _ = try await owner.execute(PostgresStatement(command)) }

            let request = HTTPClientRequest(
                method: "POST", url: "http://127.0.0.1:\(process.port)/v1/documents",
                headers: [
                    ("Authorization", "Bearer \(intake.token)"), ("Idempotency-Key", "k"),
                    ("Content-Type", "multipart/form-data; boundary=b0undary"),
                ], body: IntakeFixture.form(IntakeFixture.parts()), timeoutSeconds: 60, maximumResponseBytes: 1 << 20)
            let session = intake.session
            let lost = Task { try await session.send(request) }
            let waiting = PostgresStatement("select pid from pg_stat_activity where wait_event = 'SyncRep'")
            try await eventually { try await administrator.execute(waiting).rows.count == 1 }
            process.kill()
            await #expect(throws: HTTPClientError.self) { try await lost.value }

            // The server ends the session that nobody listens to, as it does by itself when it writes to it.
            _ = try await administrator.execute(
                PostgresStatement(
                    "select pg_terminate_backend(pid, 10000) from pg_stat_activity where wait_event = 'SyncRep'"))
            _ = try await owner.execute(PostgresStatement("drop trigger hold on envelope_drafts"))
            await owner.close()
            let answer = try await intake.create(key: "k")
            #expect(answer.status == 201)
            #expect(answer.header("idempotent-replayed") == "true")
            #expect(try await intake.outbox(type: CreateEnvelopeV1.messageType).count == 1)
            let id = try #require(answer.json["document_id"]?.stringValue)
            #expect(try await intake.get("/v1/documents/\(id)").body == answer.body)
        }
        await administrator.close()
    }
}
