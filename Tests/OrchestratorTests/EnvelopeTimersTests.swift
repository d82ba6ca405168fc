// SPDX-License-Identifier: Apache-2.0
import Clocks
import Contracts
import Envelopes
import Metrics
import ServiceKit
import TestSupport
import Testing

@testable import Orchestrator

@Suite struct EnvelopeTimersTests {
    @Test func `WF-07: an envelope expires after its deadline and the grace, once`() async throws {
        let fixture = try await OrchestratorFixture()
        let (short, long) = (fixture.draft(signers: 2, expiresIn: 100), fixture.draft(expiresIn: 1000))
        try await fixture.open(short)
        try await fixture.open(long)
        fixture.clock.advance(bySeconds: 104)
        #expect(try await fixture.deadlines.tick() == 0)
        fixture.clock.advance(bySeconds: 2)
        #expect(try await fixture.deadlines.tick() == 1)
        #expect(try await fixture.deadlines.tick() == 0)
        #expect(try await fixture.envelope(short)?.status == .expired)
        #expect(try await fixture.envelope(long)?.status == .sent)
        let events = try await fixture.messages(EnvelopeEventV1.self).filter {
            $0.changes.map(\.event) == [.envelopeExpired]
        }
        #expect(events.map(\.snapshot.envelopeID) == [short.envelopeID])
        #expect(try await fixture.messages(NotifyRecipientV1.self).filter { $0.kind == .expired }.count == 1)
        let audit = try await fixture.messages(AuditEventV1.self).filter { $0.fact.eventType == "envelope.expired" }
        #expect(audit.map(\.fact.actor) == [.system("paraph-orchestrator")])
        #expect(audit.map(\.fact.correlationID) == ["corr-1"])
    }

    @Test func `a job without an answer for 60 s is issued again under its id, and a late answer counts once`()
        async throws
    {
        let fixture = try await OrchestratorFixture()
        let draft = fixture.draft()
        try await fixture.open(draft)
        try await fixture.deliver([try fixture.submission(of: draft)])
        fixture.clock.advance(bySeconds: 59)
        #expect(try await fixture.reconciliation.tick() == 0)
        fixture.clock.advance(bySeconds: 2)
        #expect(try await fixture.reconciliation.tick() == 1)
        #expect(try await fixture.reconciliation.tick() == 0)
        let jobs = try await fixture.messages(SignDocumentV1.self)
        #expect(jobs.count == 2)
        #expect(jobs.first == jobs.last)
        try await fixture.deliver([try fixture.signed(jobs[0], of: draft)])
        try await fixture.deliver([try fixture.signed(jobs[1], of: draft)])
        #expect(try await fixture.messages(StoreEvidenceV1.self).count == 1)
        fixture.clock.advance(bySeconds: 61)
        #expect(try await fixture.reconciliation.tick() == 1)
        let evidence = try await fixture.messages(StoreEvidenceV1.self)
        #expect(evidence.count == 2)
        #expect(evidence[0].artifactID == evidence[1].artifactID)
        #expect(fixture.metrics.prometheusText().contains("paraph_jobs_reissued_total 2"))
    }

    @Test func `the timers run until shutdown and outlive a failing search`() async throws {
        let fixture = try await OrchestratorFixture()
        let draft = fixture.draft(expiresIn: 100)
        try await fixture.open(draft)
        fixture.clock.advance(bySeconds: 200)
        let shutdown = ShutdownSignal()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await fixture.deadlines.run(until: shutdown) }
            group.addTask { try await fixture.reconciliation.run(until: shutdown) }
            try await eventually { try await fixture.envelope(draft)?.status == .expired }
            shutdown.trigger()
            try await group.waitForAll()
        }
    }
}
