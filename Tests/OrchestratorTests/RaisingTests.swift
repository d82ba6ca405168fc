// SPDX-License-Identifier: Apache-2.0
import Clocks
import Contracts
import Envelopes
import Foundation
import TestSupport
import Testing

@testable import Orchestrator

@Suite struct RaisingTests {
    private func completed(_ fixture: OrchestratorFixture, level: PAdESLevel) async throws -> EnvelopeDraft {
        let draft = fixture.draft(level: level)
        try await fixture.open(draft)
        try await fixture.deliver([try fixture.submission(of: draft)])
        let job = try #require(try await fixture.messages(SignDocumentV1.self).last)
        try await fixture.deliver([try fixture.signed(job, of: draft)])
        #expect(try await fixture.envelope(draft)?.status == .completed)
        return draft
    }

    @Test func `LTV-01: a completed document of a tenant with a level is raised, announced and kept as evidence`()
        async throws
    {
        let fixture = try await OrchestratorFixture()
        let draft = try await completed(fixture, level: .archival)
        let job = try #require(try await fixture.messages(RaiseDocumentV1.self).first)
        #expect(job.policy.padesLevel == .archival && job.baseLevel == .basic)
        #expect(job.deadline.seconds(since: job.requestedAt) == RaisingJob.patienceSeconds)
        let raised = ObjectReference(
            tenantID: job.tenantID, artifactID: job.artifactID, sha256: OrchestratorFixture.digest(0xE0), size: 200,
            dataKeyID: DataKeyID(job.artifactID.uuid))
        try await fixture.deliver([
            try fixture.message(
                DocumentRaisedV1(
                    tenantID: job.tenantID, envelopeID: job.envelopeID, documentID: job.documentID, jobID: job.jobID,
                    version: job.version, revision: raised, padesLevel: .archival, raisedAt: fixture.clock.clock.now()),
                of: draft)
        ])
        #expect(try await fixture.messages(StoreEvidenceV1.self).map(\.version) == [1, 2])
        let event = try #require(try await fixture.messages(EnvelopeEventV1.self).last)
        #expect(event.changes.map(\.event) == [.documentEvidenceExtended])
        #expect(event.snapshot.artifacts.map(\.padesLevel) == [.basic, .archival])
        #expect(event.snapshot.documents.map(\.signedSHA256) == [raised.sha256])
    }

    @Test func `RES-01: raising that gets no answer is asked for again and changes nothing else`() async throws {
        let fixture = try await OrchestratorFixture()
        let draft = try await completed(fixture, level: .longTerm)
        fixture.clock.advance(bySeconds: 61)
        #expect(try await fixture.reconciliation.tick() == 1)
        let jobs = try await fixture.messages(RaiseDocumentV1.self)
        #expect(jobs.count == 2 && Set(jobs).count == 1)
        #expect(try await fixture.envelope(draft)?.artifacts.map(\.version) == [1])
    }

    @Test func `a tenant at B-B has nothing raised`() async throws {
        let fixture = try await OrchestratorFixture()
        _ = try await completed(fixture, level: .basic)
        #expect(try await fixture.messages(RaiseDocumentV1.self).isEmpty)
    }
}
