// SPDX-License-Identifier: Apache-2.0
import ByteCoding
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
    let seals: SigningKeyStore

    /// The outcome and how often the key was used.
    ///
    /// - Throws: `TransientFailure` for what may pass: a store or a key that is away.
    func make(_ job: SigningJob) async throws -> (SigningOutcome, keyOperations: Int) {
        do {
            switch job {
            case .prepare(let job): return (try await prepare(job), 0)
            case .sign(let job): return (try await sign(job), 1)
            }
        } catch let error as PDFError where error.code != .sourceUnreadable {
            return (.refused(code: error.code.rawValue), 0)
        } catch let error as RevisionRefused {
            return (.refused(code: error.code), 0)
        }
    }

    private func prepare(_ job: PrepareDocumentV1) async throws -> SigningOutcome {
        let source = try await store.open(StoredObject(job.source), in: .working)
        let document = try PDFDocument(source: source)
        let fields = job.signers.flatMap(Self.fields)
        let update = try DocumentPreparation.prepare(document: document, fields: fields)
        let copy = try await RevisionCopy(of: source, to: try await writer(job.tenantID, job.artifactID))
        guard copy.digest == job.source.sha256.bytes else {
            await copy.cancel()
            throw RevisionRefused(code: "source_changed")
        }
        return .stored(revision: try await copy.finish(appending: update), certificateSHA256: nil)
    }

    private func sign(_ job: SignDocumentV1) async throws -> SigningOutcome {
        let seal = try seals.signer(tenant: job.tenantID.uuid)
        let source = try await store.open(StoredObject(job.base), in: .working)
        let document = try PDFDocument(source: source)
        let prepared = try PreparedSignature.prepare(document: document, request: Self.request(for: job, seal: seal))
        let copy = try await RevisionCopy(
            of: source, to: try await writer(job.tenantID, job.artifactID), preparedBytes: job.prepared.size)
        // The base is what we recorded, and begins with exactly what the signer agreed to.
        guard copy.digest == job.base.sha256.bytes, copy.preparedDigest == job.prepared.sha256.bytes else {
            await copy.cancel()
            throw RevisionRefused(code: "base_changed")
        }
        let cms = try await CMSSignature.build(
            digest: prepared.digest(baseHash: copy.hasher), chain: seal.chain, signatureAlgorithm: seal.algorithm,
            sign: { try await seal.sign(digest: $0) })
        let revision = try await copy.finish(appending: try prepared.embedding(cms: cms))
        return .stored(revision: revision, certificateSHA256: ContentDigest(bytes: seal.certificate.sha256))
    }

    private func writer(_ tenant: TenantID, _ artifact: ArtifactID) async throws -> any ObjectWriter {
        try await store.writer(tenant: tenant.uuid, artifact: artifact.uuid, area: .working)
    }

    private static func request(for job: SignDocumentV1, seal: TenantSeal) -> SignatureRequest {
        SignatureRequest(
            fieldName: job.signatureField, signerName: job.signer.name, reason: job.signer.meaning,
            signingTime: job.signingTime,
            appearanceLines: SignatureAppearance.lines(
                signerName: job.signer.name, method: Self.words(for: job.signer.authMethod),
                organisation: job.signer.organisation, signingTime: job.signingTime, meaning: job.signer.meaning),
            values: job.values.compactMap(Self.value),
            placeholderBytes: CMSSignature.reservedBytes(chain: seal.chain, signatureAlgorithm: seal.algorithm))
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
                    name: named.name, kind: named.name == signer.signatureField ? .signature : kind(of: field.fieldType),
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

/// A base on its way into a new object: copied and hashed in pieces, so that memory does not depend on its size.
struct RevisionCopy {
    /// What is read, hashed, encrypted and written at a time.
    private static let pieceBytes = 1 << 20

    /// Has consumed exactly the base.
    let hasher: SHA256Hasher
    let digest: [UInt8]
    /// The digest of the first `preparedBytes` bytes.
    let preparedDigest: [UInt8]?
    private let writer: any ObjectWriter

    init(of source: any ByteSource, to writer: any ObjectWriter, preparedBytes: Int? = nil) async throws {
        var hasher = SHA256Hasher()
        var preparedDigest: [UInt8]?
        var position = 0
        do {
            while position < source.size {
                var end = min(position + Self.pieceBytes, source.size)
                if let preparedBytes, position < preparedBytes { end = min(end, preparedBytes) }
                let piece = try source.bytes(in: position..<end)
                hasher.update(piece)
                try await writer.append(piece)
                position = end
                if position == preparedBytes { preparedDigest = hasher.finalize() }
            }
        } catch {
            await writer.cancel()
            throw error
        }
        self.hasher = hasher
        self.writer = writer
        self.preparedDigest = preparedDigest
        digest = hasher.finalize()
    }

    func finish(appending update: [UInt8]) async throws -> ObjectReference {
        do {
            try await writer.append(update)
            return try await writer.finish().reference
        } catch {
            await writer.cancel()
            throw error
        }
    }

    func cancel() async { await writer.cancel() }
}
