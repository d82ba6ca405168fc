// SPDX-License-Identifier: Apache-2.0
import Clocks
import Contracts
import Envelopes
import Foundation
import Messaging
import Postgres
import Testing

@testable import Retention

@Suite struct ScheduleHandlerTests {
    @Test(
        arguments: [
            ("employment_7y", "2033-11-20"), ("contract_10y", "2036-11-20"), ("default_7y", "2033-11-20"),
            ("test_30d", "2026-12-20"),
        ])
    func `RET-02: an artifact may go on the day that its class says`(name: String, day: String) async throws {
        let fixture = try await RetentionFixture()
        let message = try fixture.stored(name)
        try await fixture.deliver([message])
        let scheduled = try #require(try await fixture.answers(RetentionScheduledV1.self).first)
        #expect(scheduled.retentionClass == name)
        #expect(scheduled.dueAt.rfc3339(fractionDigits: 3).hasPrefix(day))
        let event = try #require(try await fixture.answers(AuditEventV1.self).first)
        #expect(event.fact.eventType == "retention.scheduled")
        let after = try await fixture.pool.execute(
            PostgresStatement("select audit_after from outbox where type = 'AuditEventV1'"))
        #expect(try after.rows.first?.string(0) == message.auditAfter)
    }

    @Test func `RET-05: what the signed document replaces goes earlier`() async throws {
        let fixture = try await RetentionFixture()
        try await fixture.deliver([try fixture.stored("contract_10y", kind: .originalDocument)])
        let scheduled = try #require(try await fixture.answers(RetentionScheduledV1.self).first)
        #expect(scheduled.retentionClass == "working_30d")
    }

    @Test func `WF-04: told twice, an artifact is scheduled and recorded once, and a due date only moves later`()
        async throws
    {
        let fixture = try await RetentionFixture()
        let artifact = ArtifactID(UUID())
        let first = try fixture.stored("test_30d", artifact: artifact)
        try await fixture.deliver([first, try fixture.stored("test_30d", artifact: artifact, seq: 2)])
        try await fixture.deliver([
            try fixture.stored(
                "test_30d", artifact: artifact, seq: 3,
                completedAt: RetentionFixture.start.advanced(bySeconds: -86_400))
        ])
        #expect(try await fixture.answers(AuditEventV1.self).count == 1)
        try await fixture.deliver([
            try fixture.stored(
                "test_30d", artifact: artifact, seq: 4, completedAt: RetentionFixture.start.advanced(bySeconds: 86_400))
        ])
        let dues = try await fixture.answers(RetentionScheduledV1.self).map(\.dueAt)
        #expect(dues.count == 2 && dues[0] < dues[1])
    }

    @Test func `RET-03: a class that nobody knows is an incident, not a guess`() async throws {
        let fixture = try await RetentionFixture()
        let error = await #expect(throws: PermanentFailure.self) {
            try await fixture.deliver([try fixture.stored("for_ever")])
        }
        #expect(error?.code == "unknown_retention_class")
    }
}
