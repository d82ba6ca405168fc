// SPDX-License-Identifier: Apache-2.0
import Clocks
import Contracts
import Envelopes
import Foundation
import Messaging
import Postgres
import Testing

@testable import Retention

@Suite struct DisposalRequestTests {
    @Test func `RET-01: before its due date disposal is refused, and the attempt is recorded`() async throws {
        let fixture = try await RetentionFixture()
        let artifact = ArtifactID(UUID())
        try await fixture.deliver([try fixture.stored("test_30d", artifact: artifact)])
        fixture.clock.advance(bySeconds: 30 * 86_400 - 1)
        let answer = try await fixture.requests.submit(artifact, tenant: fixture.tenant, correlationID: "corr-2")
        let due = RetentionFixture.start.advanced(bySeconds: 30 * 86_400)
        #expect(answer == .refused(until: due))
        #expect(try await fixture.answers(DisposeArtifactV1.self).isEmpty)
        #expect(try await fixture.answers(DisposalRefusedV1.self).map(\.dueAt) == [due])
        let event = try #require(try await fixture.answers(AuditEventV1.self).last)
        #expect(event.fact.eventType == "disposal.requested")
        #expect(event.fact.outcome == .denied && event.fact.reason == "not_due")
        let rows = try await fixture.pool.execute(
            PostgresStatement("select count(*) from outbox where correlation_id = 'corr-2'"))
        #expect(try rows.rows.first?.int(0) == 2)
    }

    @Test func `RET-01: a due artifact is handed to the vault, asked for twice as the same disposal`() async throws {
        let fixture = try await RetentionFixture()
        let artifact = ArtifactID(UUID())
        try await fixture.deliver([try fixture.stored("test_30d", artifact: artifact)])
        fixture.clock.advance(bySeconds: 30 * 86_400)
        for _ in 0..<2 {
            let answer = try await fixture.requests.submit(artifact, tenant: fixture.tenant, correlationID: "corr-2")
            #expect(answer == .requested)
        }
        let commands = try await fixture.answers(DisposeArtifactV1.self)
        #expect(commands.count == 2)
        #expect(Set(commands.map(\.disposalID)).count == 1)
        #expect(commands.first?.artifactID == artifact)
    }

    @Test func `another tenant's artifact is unknown`() async throws {
        let fixture = try await RetentionFixture()
        let artifact = ArtifactID(UUID())
        try await fixture.deliver([try fixture.stored("test_30d", artifact: artifact)])
        let answer = try await fixture.requests.submit(artifact, tenant: TenantID(UUID()), correlationID: "corr-2")
        #expect(answer == .unknownArtifact)
    }
}
