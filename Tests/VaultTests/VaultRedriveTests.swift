// SPDX-License-Identifier: Apache-2.0
import Messaging
import Postgres
import ServiceKit
import TestSupport
import Testing

@testable import Vault

struct VaultRedriveTests {
    @Test func `the vault appends its own redrive to the system's chain`() async throws {
        let fixture = try await VaultFixture()
        let results = try await fixture.pool.batch([
            PostgresStatement(
                """
                insert into stream_position (consumer, producer, topic, key, next_seq, is_parked)
                values ('paraph-vault', 'intake', 'audit.events.v1', '0198c0de-0000-7000-8000-000000000001', 3, true)
                """),
            PostgresStatement(
                """
                insert into dead_letters (consumer, producer, topic, lane, key, seq, type, tenant_id, written_at, payload,
                    reason_code, reason_detail, attempts, origin, died_at)
                values ('paraph-vault', 'intake', 'audit.events.v1', 1, '0198c0de-0000-7000-8000-000000000001', 3,
                    'AuditEventV1', gen_random_uuid(), '2026-11-20Z', '\\x7b7d', 'undecodable', 'event_id', 1, 'here',
                    '2026-11-20Z')
                returning id
                """),
        ])
        let id = try #require(try results.last?.rows.first?.int64(0))
        let server = fixture.database.configuration(for: .vault)
        let process = ServiceProcess(
            name: "paraph-vault", arguments: ["redrive", "run", String(id)],
            environment: ["PARAPH_DATABASE_HOST": server.host, "PARAPH_DATABASE_NAME": fixture.database.name],
            print: { _, _ in })
        let code = await process.run(
            configuration: VaultConfiguration.self, migrate: { _ in }, commands: [VaultMain.redrive],
            assemble: { _, _ in throw CancellationError() })
        #expect(code == .success)
        let chained = try await fixture.pool.execute(
            PostgresStatement(
                """
                select a.event_type, a.producer, a.n, h.subject_kind from audit_events a
                join chain_heads h on h.chain_id = a.chain_id and h.n = a.n and h.hash = a.hash
                """))
        let row = try #require(chained.rows.first)
        #expect(try chained.rows.count == 1 && row.string(0) == "dead_letter.redriven" && row.string(1) == "vault")
        #expect(try row.int64(2) == 1 && row.string(3) == "system")
    }
}
