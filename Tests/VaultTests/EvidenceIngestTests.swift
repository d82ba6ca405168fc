// SPDX-License-Identifier: Apache-2.0
import Audit
import Clocks
import Contracts
import Cryptography
import Envelopes
import Foundation
import Messaging
import Postgres
import Storage
import Testing

@testable import Vault

@Suite struct EvidenceIngestTests {
    @Test func `EV-01: a signed document is copied write-once, recorded and announced`() async throws {
        let fixture = try await VaultFixture()
        let envelope = EnvelopeID(fixture.ids.next())
        let content = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let object = try await fixture.put(content)
        try await fixture.deliver([try fixture.storeCommand(object, envelope: envelope)], to: fixture.evidence)
        let stored = try #require(try await fixture.answers(EvidenceStoredV1.self).first)
        #expect(stored.object.sha256 == object.sha256)
        #expect(stored.object.dataKeyID != object.dataKeyID)
        #expect(try await fixture.store.read(StoredObject(stored.object), in: .evidence) == content)
        #expect(try await fixture.types(envelope) == ["evidence.stored"])
        await #expect(throws: StorageError.conflict(artifact: object.artifactID.uuid)) {
            _ = try await fixture.store.put(
                [1, 2, 3], tenant: fixture.tenant.uuid, artifact: object.artifactID.uuid, area: .evidence)
        }
    }

    @Test func `WF-04: a command given twice stores one copy, records it once and is answered twice`() async throws {
        let fixture = try await VaultFixture()
        let envelope = EnvelopeID(fixture.ids.next())
        let object = try await fixture.put([1, 2, 3])
        let first = try fixture.storeCommand(object, envelope: envelope)
        let again = try fixture.storeCommand(object, envelope: envelope, seq: 2)
        let third = try fixture.storeCommand(object, envelope: envelope, seq: 3)
        try await fixture.deliver([first, again], to: fixture.evidence)
        fixture.clock.advance(bySeconds: 60)
        try await fixture.deliver([third], to: fixture.evidence)
        let answers = try await fixture.answers(EvidenceStoredV1.self)
        #expect(answers.count == 3)
        #expect(Set(answers).count == 1)
        #expect(try await fixture.types(envelope) == ["evidence.stored"])
    }

    @Test func `a crash between copy and record finds the same copy again`() async throws {
        let fixture = try await VaultFixture()
        let envelope = EnvelopeID(fixture.ids.next())
        let object = try await fixture.put([1, 2, 3])
        let message = try fixture.storeCommand(object, envelope: envelope)
        let work = try await fixture.pool.withTransaction { try await fixture.evidence.intend([message], in: $0) }
        let lost = try await fixture.evidence.perform(work)
        try await fixture.deliver([message], to: fixture.evidence)
        #expect(try await fixture.answers(EvidenceStoredV1.self).map(\.object) == lost.map(\.copy))
    }

    @Test func `EV-04: a working copy that is not what was signed is not kept`() async throws {
        let fixture = try await VaultFixture()
        let envelope = EnvelopeID(fixture.ids.next())
        let object = try await fixture.put([1, 2, 3])
        let other = ContentDigest(bytes: SHA256.digest(of: [9]))
        let lie = ObjectReference(
            tenantID: object.tenantID, artifactID: object.artifactID, sha256: try #require(other), size: 3,
            dataKeyID: object.dataKeyID)
        let error = await #expect(throws: PermanentFailure.self) {
            try await fixture.deliver([try fixture.storeCommand(lie, envelope: envelope)], to: fixture.evidence)
        }
        #expect(error?.code == "artifact_changed")
        #expect(try await fixture.answers(EvidenceStoredV1.self).isEmpty)
        await #expect(throws: StorageError.self) {
            _ = try await fixture.store.open(StoredObject(object), in: .evidence)
        }
    }

    @Test func `a second command with other content for the same artifact is refused`() async throws {
        let fixture = try await VaultFixture()
        let envelope = EnvelopeID(fixture.ids.next())
        let object = try await fixture.put([1, 2, 3])
        try await fixture.deliver([try fixture.storeCommand(object, envelope: envelope)], to: fixture.evidence)
        let other = ObjectReference(
            tenantID: object.tenantID, artifactID: object.artifactID,
            sha256: try #require(ContentDigest(bytes: SHA256.digest(of: [9]))), size: 1, dataKeyID: object.dataKeyID)
        let error = await #expect(throws: PermanentFailure.self) {
            try await fixture.deliver(
                [try fixture.storeCommand(other, envelope: envelope, seq: 2)], to: fixture.evidence)
        }
        #expect(error?.code == "artifact_conflict")
    }

    @Test func `nothing is sealed before the last audit event of each producer is in`() async throws {
        let fixture = try await VaultFixture()
        let envelope = EnvelopeID(fixture.ids.next())
        let object = try await fixture.put([1, 2, 3])
        let events = try (1...2).map {
            try fixture.message(fixture.fact("envelope.sent", envelope: envelope), seq: $0)
        }
        let command = try fixture.storeCommand(
            object, envelope: envelope, positions: [AuditPosition(producer: "intake", sequence: 2)])
        try await fixture.deliver([events[0]], to: fixture.audit)
        #expect(try await fixture.deliver([command], to: fixture.evidence) == [command.id])
        fixture.clock.advance(bySeconds: 11)
        await #expect(throws: TransientFailure(code: "audit_incomplete")) {
            try await fixture.deliver([command], to: fixture.evidence)
        }
        try await fixture.deliver([events[1]], to: fixture.audit)
        #expect(try await fixture.deliver([command], to: fixture.evidence).isEmpty)
        #expect(try await fixture.types(envelope) == ["envelope.sent", "envelope.sent", "evidence.stored"])
        let export = try #require(try await fixture.trail(envelope))
        #expect(ChainVerifier.verify(export) == .intact(events: 3, head: export.head))
    }

    @Test func `RES-01: a store that is away is waited for`() async throws {
        let fixture = try await VaultFixture()
        let object = try await fixture.put([1, 2, 3])
        let command = try fixture.storeCommand(object, envelope: EnvelopeID(fixture.ids.next()))
        let (here, away) = (fixture.root + "/objects", fixture.root + "/away")
        try FileManager.default.moveItem(atPath: here, toPath: away)
        await #expect(throws: TransientFailure(code: "artifact_missing")) {
            try await fixture.deliver([command], to: fixture.evidence)
        }
        try FileManager.default.moveItem(atPath: away, toPath: here)
        try await fixture.deliver([command], to: fixture.evidence)
        #expect(try await fixture.answers(EvidenceStoredV1.self).count == 1)
    }
}
