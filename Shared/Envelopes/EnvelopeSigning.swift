// SPDX-License-Identifier: Apache-2.0
import Clocks
import FoundationEssentials

extension Envelope {
    /// The documents that a signer signs: those with a field for them, or all where the sender placed none.
    package func documentsToSign(by id: RequestID) -> [DocumentID] {
        let placed = Set((recipient(id)?.fields ?? []).map(\.documentIndex))
        return draft.documents.filter { placed.isEmpty || placed.contains($0.documentIndex) }.map(\.documentID)
    }

    /// The name of the field that holds a signer's cryptographic signature; an invisible one where none was placed.
    package func signatureFieldName(of id: RequestID, in document: DocumentID) -> String {
        let index = draft.documents.first { $0.documentID == document }?.documentIndex
        let placed = recipient(id)?.fields.first { $0.fieldType == .signature && $0.documentIndex == index }
        return placed?.pdfFieldName ?? "paraph_signature_\(id.description.suffix(12))"
    }

    mutating func startPreparation(of index: Int, at now: Instant, ids: IDSource) -> SigningJob {
        let job = SigningJob(
            jobID: JobID(ids.next()), documentID: documents[index].documentID, requestID: nil,
            artifactID: ArtifactID(ids.next()), version: 1, createdAt: now, issuedAt: now)
        documents[index].job = job
        return job
    }

    mutating func documentPrepared(
        _ job: JobID, _ id: DocumentID, _ object: ObjectReference, at now: Instant
    ) throws(TransitionError) -> [EnvelopeEffect] {
        guard let index = documents.firstIndex(where: { $0.documentID == id }) else { throw refusal(.unknownJob) }
        if let prepared = documents[index].prepared {
            guard prepared.sha256 == object.sha256 else { throw refusal(.unknownJob) }
            return []
        }
        guard let current = documents[index].job, current.jobID == job, current.requestID == nil else {
            throw refusal(.unknownJob)
        }
        documents[index].prepared = object
        documents[index].current = object
        documents[index].version = current.version
        documents[index].job = nil
        let isPrepared = documents.allSatisfy { $0.prepared != nil }
        let hashes = ["prepared_sha256": object.sha256]
        guard isPrepared else {
            return [record("document.prepared", documentID: id, artifactID: object.artifactID, hashes: hashes)]
        }
        try move(to: .prepared)
        let done = record(
            "document.prepared", announced: .envelopePrepared, documentID: id, artifactID: object.artifactID,
            hashes: hashes)
        return [done] + (isReleased ? try send(at: now) : [])
    }

    /// Puts a consenting signer into the queue of each of their documents and starts what can start.
    mutating func enqueueSignatures(
        of request: Int, at now: Instant, ids: IDSource
    ) throws(TransitionError) -> [EnvelopeEffect] {
        let id = requests[request].requestID
        var effects: [EnvelopeEffect] = []
        let wanted = documentsToSign(by: id)
        for index in documents.indices where wanted.contains(documents[index].documentID) {
            documents[index].waiting.append(id)
            effects += try startNextSignature(of: index, at: now, ids: ids)
        }
        return effects
    }

    /// At most one signature is in hand for a document, since each revision builds on the one before.
    private mutating func startNextSignature(
        of index: Int, at now: Instant, ids: IDSource
    ) throws(TransitionError) -> [EnvelopeEffect] {
        guard documents[index].job == nil, let id = documents[index].waiting.first else { return [] }
        documents[index].waiting.removeFirst()
        let job = SigningJob(
            jobID: JobID(ids.next()), documentID: documents[index].documentID, requestID: id,
            artifactID: ArtifactID(ids.next()), version: documents[index].version + 1, createdAt: now, issuedAt: now)
        documents[index].job = job
        if let request = requests.firstIndex(where: { $0.requestID == id }), requests[request].status == .consented {
            try move(request, to: .signing)
        }
        return [.signDocument(job)]
    }

    mutating func documentSigned(
        _ jobID: JobID, _ documentID: DocumentID, _ requestID: RequestID, _ revision: ObjectReference,
        _ level: PAdESLevel, at now: Instant, ids: IDSource
    ) throws(TransitionError) -> [EnvelopeEffect] {
        guard let index = documents.firstIndex(where: { $0.documentID == documentID }),
            let request = requests.firstIndex(where: { $0.requestID == requestID })
        else { throw refusal(.unknownJob) }
        if requests[request].signedDocuments.contains(documentID) { return [] }
        guard let job = documents[index].job, job.jobID == jobID, job.requestID == requestID,
            job.artifactID == revision.artifactID
        else { throw refusal(.unknownJob) }
        documents[index].current = revision
        documents[index].version = job.version
        documents[index].level = level
        documents[index].job = nil
        requests[request].signedDocuments.append(documentID)
        let hashes = ["revision_sha256": revision.sha256]
        let isDone = documentsToSign(by: requestID).allSatisfy(requests[request].signedDocuments.contains)
        var effects: [EnvelopeEffect] = []
        if isDone {
            try move(request, to: .signed)
            requests[request].signedAt = now
            effects.append(
                record(
                    "recipient.signed", announced: .recipientSigned, requestID: requestID, documentID: documentID,
                    artifactID: revision.artifactID, hashes: hashes))
        } else {
            effects.append(
                record(
                    "document.signed", requestID: requestID, documentID: documentID, artifactID: revision.artifactID,
                    hashes: hashes))
        }
        effects += try startNextSignature(of: index, at: now, ids: ids)
        return isDone ? effects + (try advance(at: now, ids: ids)) : effects
    }

    mutating func jobFailed(
        _ jobID: JobID, _ documentID: DocumentID, code: String
    ) throws(TransitionError) -> [EnvelopeEffect] {
        if status == .completed { return try raisingFailed(jobID, documentID, code: code) }
        guard let document = documents.first(where: { $0.documentID == documentID }), let job = document.job,
            job.jobID == jobID
        else { throw refusal(.unknownJob) }
        try end(as: .failed)
        return [
            record(
                "envelope.failed", announced: .envelopeFailed, requestID: job.requestID, documentID: documentID,
                reason: code)
        ]
    }

    mutating func evidenceStored(_ id: ArtifactID) throws(TransitionError) -> [EnvelopeEffect] {
        guard let artifact = artifacts.first(where: { $0.artifactID == id }) else { throw refusal(.unknownArtifact) }
        guard !storedArtifacts.contains(id) else { return [] }
        storedArtifacts.append(id)
        guard storedArtifacts.count == artifacts.count else {
            return [record("evidence.stored", documentID: artifact.documentID, artifactID: id)]
        }
        evidence = .sealed
        return [
            record(
                "evidence.sealed", announced: .evidenceSealed, documentID: artifact.documentID, artifactID: id,
                hashes: ["signed_sha256": artifact.object.sha256])
        ]
    }

    mutating func reissue(issuedBefore limit: Instant, at now: Instant) -> [EnvelopeEffect] {
        if status == .completed {
            return reissueEvidence(issuedBefore: limit, at: now) + reissueRaising(issuedBefore: limit, at: now)
        }
        var effects: [EnvelopeEffect] = []
        for index in documents.indices {
            guard var job = documents[index].job, job.issuedAt < limit else { continue }
            job.issuedAt = now
            documents[index].job = job
            effects.append(record("signing.reissued", requestID: job.requestID, documentID: job.documentID))
            effects.append(job.requestID == nil ? .prepareDocument(job) : .signDocument(job))
        }
        return effects
    }

    private mutating func reissueEvidence(issuedBefore limit: Instant, at now: Instant) -> [EnvelopeEffect] {
        guard evidence == .pending, let issuedAt = evidenceIssuedAt, issuedAt < limit else { return [] }
        evidenceIssuedAt = now
        let missing = artifacts.filter { !storedArtifacts.contains($0.artifactID) }
        return missing.flatMap { artifact in
            [
                record("evidence.reissued", documentID: artifact.documentID, artifactID: artifact.artifactID),
                .storeEvidence(artifact),
            ]
        }
    }
}
