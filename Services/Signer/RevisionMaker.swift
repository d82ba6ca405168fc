// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Contracts
import Cryptography
import Envelopes
import Keys
import Messaging
import PDFSigning
import PDFSyntax
import Storage

/// Makes one revision of a document: reads the base once, appends, stores the whole under the job's artifact id.
struct RevisionMaker: Sendable {
    let store: any ObjectStore
    let seals: TenantSeals
    let notes: SignatureNotes
    let authorities: SigningAuthorities
    let clock: BusinessClock

    /// The outcome, and what was done for it.
    ///
    /// - Throws: `TransientFailure` for what may pass: a store or a key that is away, a tenant without a valid seal.
    ///   `PermanentFailure` for an object that is damaged or gone.
    func make(_ job: SigningJob) async throws -> MadeRevision {
        do {
            switch job {
            case .prepare(let job): return try await prepare(job)
            case .sign(let job): return try await sign(job)
            case .raise(let job): return try await raise(job)
            }
        } catch let error as PDFError {
            if error.code == .sourceUnreadable { throw TransientFailure(code: "store_away") }
            if error.code == .fontMissing { throw TransientFailure(code: "font_missing") }
            return MadeRevision(.refused(code: error.code.rawValue))
        } catch let error as RevisionRefused {
            return MadeRevision(.refused(code: error.code))
        } catch {
            throw OutsideFailure.judged(error)
        }
    }

    private func prepare(_ job: PrepareDocumentV1) async throws -> MadeRevision {
        let original = try await store.open(StoredObject(job.source), in: .working)
        // What signers see and agree to is the repaired document, so nothing is added before.
        let base = try SignableDocument(original)
        let fields = job.signers.flatMap(Self.fields)
        let update = try DocumentPreparation.prepare(document: base.document, fields: fields)
        if !base.repairs.isEmpty, try RevisionCopy.digest(of: original) != job.source.sha256.bytes {
            throw RevisionRefused(code: "source_changed")
        }
        let copy = try await RevisionCopy(of: base.source, to: try await writer(job.tenantID, job.artifactID))
        guard !base.repairs.isEmpty || copy.digest == job.source.sha256.bytes else {
            await copy.cancel()
            throw RevisionRefused(code: "source_changed")
        }
        return MadeRevision(
            .stored(revision: try await copy.finish(appending: update), certificateSHA256: nil, level: nil),
            repairs: base.repairs)
    }

    private func sign(_ job: SignDocumentV1) async throws -> MadeRevision {
        let (seal, credential) = try seals.credential(of: job.tenantID.uuid)
        let source = try await store.open(StoredObject(job.base), in: .working)
        let document = try PDFDocument(source: source)
        let prepared = try PreparedSignature.prepare(
            document: document, request: Self.request(for: job), credential: credential,
            timestamping: authorities.timestamping(for: job.policy))
        let copy = try await RevisionCopy(
            of: source, to: try await writer(job.tenantID, job.artifactID), preparedBytes: job.prepared.size,
            digest: credential.algorithm.digest)
        // The base is what we recorded, and begins with exactly what the signer agreed to.
        guard copy.digest == job.base.sha256.bytes, copy.preparedDigest == job.prepared.sha256.bytes else {
            await copy.cancel()
            throw RevisionRefused(code: "base_changed")
        }
        let update: [UInt8]
        let timestamp: TimestampSource?
        do {
            (update, timestamp) = try await signature(
                on: prepared, digest: prepared.digest(baseHash: copy.hasher), by: credential, for: job)
        } catch {
            await copy.cancel()
            throw error
        }
        let outcome = SigningOutcome.stored(
            revision: try await copy.finish(appending: update),
            certificateSHA256: ContentDigest(bytes: seal.certificate.sha256),
            level: timestamp == nil ? .basic : .timestamped)
        return MadeRevision(
            outcome, keyUse: KeyUse(keyID: seal.keyID, purpose: .signature, operations: 1), timestamp: timestamp)
    }

    private func signature(
        on prepared: PreparedSignature, digest: [UInt8], by credential: SigningCredential, for job: SignDocumentV1
    ) async throws -> (update: [UInt8], timestamp: TimestampSource?) {
        let signature = try CMSSignature(digest: digest, credential: credential)
        let value = try await credential.sign(digest: signature.digestToSign)
        var cms = signature.encoded(signature: value)
        if let token = try await authorities.timestamping(for: job.policy)?.token(value) {
            let timestamped = signature.encoded(
                signature: value, unsignedAttributes: [CMSSignature.signatureTimestamp(token: token)])
            // A token that does not fit is done without, like one that came too late.
            if timestamped.count <= prepared.contentsBytes { cms = timestamped }
        }
        let settled = try await notes.settled(
            cms, digest: digest, certificateSHA256: credential.chain[0].sha256, algorithm: credential.algorithm,
            of: .sign(job))
        var timestamp: TimestampSource?
        if job.policy.padesLevel >= .timestamped {
            let tokens = try SignedMessage(der: settled).timestampsDER
            timestamp = try tokens.first.map { TimestampSource(try TimestampToken(der: $0)) }
        }
        return (try prepared.embedding(cms: settled), timestamp)
    }

    /// Appends what proves the signatures for longer.
    ///
    /// What cannot be had now is left for a later attempt while there is time, and the last one keeps what it reaches.
    private func raise(_ job: RaiseDocumentV1) async throws -> MadeRevision {
        let source = try await store.open(StoredObject(job.base), in: .working)
        let document = try PDFDocument(source: source)
        let raised = try await authorities.raise(document, to: job.policy.padesLevel)
        let level = PAdESLevel(raised.level)
        if level < job.policy.padesLevel || raised.update.isEmpty {
            let isLast = clock.now() >= job.deadline || raised.shortfalls.contains(where: \.isRevocation)
            guard isLast else { return MadeRevision(.deferred(code: "authority_away")) }
            guard level > job.baseLevel, !raised.update.isEmpty else {
                return MadeRevision(.refused(code: "level_not_reached"))
            }
        }
        let settled = try await notes.settled(raising: raised.update, to: level, of: .raise(job))
        let copy = try await RevisionCopy(of: source, to: try await writer(job.tenantID, job.artifactID))
        guard copy.digest == job.base.sha256.bytes else {
            await copy.cancel()
            throw RevisionRefused(code: "base_changed")
        }
        let revision = try await copy.finish(appending: settled.update)
        let token = try LevelRaising.newestTimestamp(
            in: PDFDocument(source: ConcatenatedSource(source, settled.update)))
        return MadeRevision(
            .stored(revision: revision, certificateSHA256: nil, level: settled.level),
            timestamp: token.map(TimestampSource.init))
    }

    private func writer(_ tenant: TenantID, _ artifact: ArtifactID) async throws -> any ObjectWriter {
        try await store.writer(tenant: tenant.uuid, artifact: artifact.uuid, area: .working)
    }

    private static func request(for job: SignDocumentV1) -> SignatureRequest {
        SignatureRequest(
            fieldName: job.signatureField, signerName: job.signer.name, reason: job.signer.meaning,
            signingTime: job.signingTime,
            appearance: SignatureAppearance(
                lines: SignatureAppearance.lines(
                    signerName: job.signer.name, method: Self.words(for: job.signer.authMethod),
                    organisation: job.signer.organisation, signingTime: job.signingTime, meaning: job.signer.meaning)),
            values: job.values.compactMap(Self.value))
    }

    private static func words(for method: AuthMethod) -> String {
        switch method {
        case .emailLink: "e-mail link"
        }
    }

    private static func fields(of signer: SignerFields) -> [PreparedField] {
        var result: [PreparedField] = []
        for named in signer.fields {
            let field = named.field
            result.append(
                PreparedField(
                    name: named.name,
                    kind: named.name == signer.signatureField ? .signature : kind(of: field.fieldType),
                    placement: PreparedField.Placement(
                        pageIndex: field.pageNumber - 1, x: field.x, y: field.y, width: field.width,
                        height: field.height), label: field.key))
        }
        if !signer.fields.contains(where: { $0.name == signer.signatureField }) {
            result.append(PreparedField(name: signer.signatureField, kind: .signature, placement: nil))
        }
        return result
    }

    private static func kind(of type: FieldType) -> PreparedField.Kind {
        switch type {
        // A further place for the signature shows the name; there is one cryptographic signature per signer.
        case .signature: .text
        case .initials: .initials
        case .date: .date
        case .text: .text
        case .checkbox: .checkbox
        }
    }

    private static func value(_ named: NamedValue) -> PDFSigning.FieldValue? {
        guard named.fieldType != .signature else { return nil }
        switch named.value {
        case .text(let text): return PDFSigning.FieldValue(name: named.name, content: .text(text))
        case .checked(let flag): return PDFSigning.FieldValue(name: named.name, content: .checked(flag))
        }
    }
}

/// A document this version will not make a revision of, however often it is asked.
struct RevisionRefused: Error {
    let code: String
}
