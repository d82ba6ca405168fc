// SPDX-License-Identifier: Apache-2.0
import Audit
import ByteCoding
import Clocks
import Contracts
import Envelopes
import Foundation
import Keys
import Messaging
import Postgres
import Storage
import Testing

@testable import Vault

@Suite struct ArtifactDisposalTests {
    private func command(
        _ object: ObjectReference, _ envelope: EnvelopeID, in fixture: VaultFixture, dueAt: Instant, seq: Int64 = 1,
        after: String? = nil
    ) throws -> InboundMessage {
        try fixture.message(
            DisposeArtifactV1(
                tenantID: fixture.tenant, envelopeID: envelope, artifactID: object.artifactID,
                disposalID: JobID(fixture.ids.next()), kind: .signedDocument, retentionClass: "test_30d", dueAt: dueAt,
                requestedAt: fixture.clock.clock.now()),
            producer: "retention", key: envelope.uuid, seq: seq, after: after)
    }

    private func stored(in fixture: VaultFixture) async throws -> (ObjectReference, EnvelopeID) {
        let envelope = EnvelopeID(fixture.ids.next())
        let object = try await fixture.put([1, 2, 3])
        try await fixture.deliver([try fixture.storeCommand(object, envelope: envelope)], to: fixture.evidence)
        return (object, envelope)
    }

    @Test func `RET-06: disposal destroys both copies and their keys, and the audit trail says when`() async throws {
        let fixture = try await VaultFixture()
        let (object, envelope) = try await stored(in: fixture)
        let copy = try #require(try await fixture.answers(EvidenceStoredV1.self).first).object
        fixture.clock.advance(bySeconds: 30 * 86_400)
        let now = fixture.clock.clock.now()
        try await fixture.deliver([try command(object, envelope, in: fixture, dueAt: now)], to: fixture.disposal)
        for (object, area) in [(copy, StorageArea.evidence), (object, .working)] {
            await #expect(throws: StorageError.notFound(artifact: object.artifactID.uuid)) {
                _ = try await fixture.store.open(StoredObject(object), in: area)
            }
            #expect(try !fixture.keys.destroy(tenant: fixture.tenant.uuid, id: object.dataKeyID.uuid))
        }
        #expect(try await EvidenceIndex.find(object.artifactID, tenant: fixture.tenant, in: fixture.pool) == nil)
        let export = try #require(try await fixture.trail(envelope))
        #expect(export.entries.last?.event["event_type"]?.stringValue == "artifact.disposed")
        #expect(export.entries.last?.event["outcome"]?.stringValue == "done")
        #expect(ChainVerifier.verify(export) == .intact(events: 2, head: export.head))
    }

    @Test func `RET-09: a command before the vault's own due date destroys nothing and is recorded as denied`()
        async throws
    {
        let fixture = try await VaultFixture()
        let (object, envelope) = try await stored(in: fixture)
        fixture.clock.advance(bySeconds: 30 * 86_400 - 1)
        // The command claims to be due; the vault knows better.
        try await fixture.deliver(
            [try command(object, envelope, in: fixture, dueAt: VaultFixture.start)], to: fixture.disposal)
        #expect(try await EvidenceIndex.find(object.artifactID, tenant: fixture.tenant, in: fixture.pool) != nil)
        _ = try await fixture.store.read(StoredObject(object), in: .working)
        let last = try #require(try await fixture.trail(envelope)?.entries.last)
        #expect(last.event["outcome"]?.stringValue == "denied")
        #expect(last.event["reason"]?.stringValue == "not_due")
    }

    @Test func `WF-04: disposal is repeated after a crash, and recorded once`() async throws {
        let fixture = try await VaultFixture()
        let (object, envelope) = try await stored(in: fixture)
        fixture.clock.advance(bySeconds: 31 * 86_400)
        let message = try command(object, envelope, in: fixture, dueAt: VaultFixture.start)
        let work = try await fixture.pool.withTransaction { try await fixture.disposal.intend([message], in: $0) }
        _ = try await fixture.disposal.perform(work)
        try await fixture.deliver([message], to: fixture.disposal)
        try await fixture.deliver(
            [try command(object, envelope, in: fixture, dueAt: VaultFixture.start, seq: 2)], to: fixture.disposal)
        #expect(try await fixture.types(envelope) == ["evidence.stored", "artifact.disposed"])
    }

    @Test func `a disposal follows the audit event that asked for it, or is flagged`() async throws {
        let fixture = try await VaultFixture()
        let (object, envelope) = try await stored(in: fixture)
        fixture.clock.advance(bySeconds: 31 * 86_400)
        let cause = try fixture.message(
            fixture.fact("disposal.requested", envelope: envelope), producer: "retention", seq: 1)
        let message = try command(object, envelope, in: fixture, dueAt: VaultFixture.start, after: cause.id)
        #expect(try await fixture.deliver([message], to: fixture.disposal) == [message.id])
        fixture.clock.advance(bySeconds: 10)
        try await fixture.deliver([message], to: fixture.disposal)
        #expect(try await fixture.types(envelope) == ["evidence.stored", "artifact.disposed!"])
    }

    @Test func `an artifact of another tenant is unknown`() async throws {
        let fixture = try await VaultFixture()
        let (object, envelope) = try await stored(in: fixture)
        let foreign = DisposeArtifactV1(
            tenantID: TenantID(UUID()), envelopeID: envelope, artifactID: object.artifactID,
            disposalID: JobID(UUID()), kind: .signedDocument, retentionClass: "test_30d", dueAt: VaultFixture.start,
            requestedAt: VaultFixture.start)
        let message = try fixture.message(foreign, producer: "retention", key: envelope.uuid)
        let error = await #expect(throws: PermanentFailure.self) {
            try await fixture.deliver([message], to: fixture.disposal)
        }
        #expect(error?.code == "unknown_artifact")
    }
}
