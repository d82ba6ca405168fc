// SPDX-License-Identifier: Apache-2.0
import Clocks
import FoundationEssentials

/// Raising to the policy's level: it only appends, makes a new version of the artifact, and keeps nobody waiting.
extension Envelope {
    /// Asks for the level of each completed document that does not have it yet.
    mutating func startRaising(at now: Instant, ids: IDSource) -> [EnvelopeEffect] {
        var effects: [EnvelopeEffect] = []
        for index in documents.indices where (documents[index].level ?? .basic) < policy.padesLevel {
            let job = RaisingJob(
                jobID: JobID(ids.next()), documentID: documents[index].documentID, artifactID: ArtifactID(ids.next()),
                version: documents[index].version + 1, createdAt: now, awaitedSince: now)
            documents[index].raising = job
            effects.append(.raiseDocument(job))
        }
        return effects
    }

    mutating func documentRaised(
        _ jobID: JobID, _ documentID: DocumentID, _ revision: ObjectReference, _ level: PAdESLevel, at now: Instant
    ) throws(TransitionError) -> [EnvelopeEffect] {
        if artifacts.contains(where: { $0.artifactID == revision.artifactID && $0.object == revision }) { return [] }
        guard let index = documents.firstIndex(where: { $0.documentID == documentID }),
            let job = documents[index].raising, job.jobID == jobID, job.artifactID == revision.artifactID
        else { throw refusal(.unknownJob) }
        documents[index].raising = nil
        documents[index].current = revision
        documents[index].version = job.version
        documents[index].level = level
        let earlier = artifacts.filter { $0.documentID == documentID && $0.kind == .signedDocument }
        let artifact = Artifact(
            artifactID: revision.artifactID, documentID: documentID, kind: .signedDocument,
            version: (earlier.map(\.version).max() ?? 0) + 1, padesLevel: level, createdAt: now, object: revision)
        artifacts.append(artifact)
        evidence = .pending
        evidenceIssuedAt = now
        return [
            record(
                "document.evidence_extended", announced: .documentEvidenceExtended, documentID: documentID,
                artifactID: revision.artifactID, hashes: ["signed_sha256": revision.sha256]),
            .storeEvidence(artifact),
        ]
    }

    /// The document stays at its level; nothing of the completed envelope depends on it.
    mutating func raisingFailed(
        _ jobID: JobID, _ documentID: DocumentID, code: String
    ) throws(TransitionError) -> [EnvelopeEffect] {
        guard let index = documents.firstIndex(where: { $0.documentID == documentID }),
            documents[index].raising?.jobID == jobID
        else { throw refusal(.unknownJob) }
        documents[index].raising = nil
        return [record("document.raising_ended", documentID: documentID, reason: code)]
    }

    mutating func reissueRaising(issuedBefore limit: Instant, at now: Instant) -> [EnvelopeEffect] {
        var effects: [EnvelopeEffect] = []
        for index in documents.indices {
            guard var job = documents[index].raising, job.awaitedSince < limit else { continue }
            job.repeated(at: now)
            documents[index].raising = job
            effects.append(record("signing.reissued", documentID: job.documentID, artifactID: job.artifactID))
            effects.append(.raiseDocument(job))
        }
        return effects
    }
}
