// SPDX-License-Identifier: Apache-2.0
package import Cryptography
package import PDFSyntax

/// What signing appends to a document.
package struct SignedRevision: Sendable {
    /// The bytes that follow the document.
    package let update: [UInt8]
    /// Whether a signature timestamp is in it (B-T), or none could be had in time (B-B).
    package let isTimestamped: Bool
}

/// Signs documents with one credential, one revision each.
///
/// A signature that does not fit what was reserved for it is made again in a larger place: the key is then used twice.
package struct DocumentSigner: Sendable {
    /// Small enough to be still in the cache when it is written after being hashed.
    private static let pieceBytes = 256 << 10

    private let credential: SigningCredential
    private let timestamping: SignatureTimestamping?

    /// - Parameter timestamping: Makes signatures B-T where a token can be had; without it they are B-B.
    package init(credential: SigningCredential, timestamping: SignatureTimestamping? = nil) {
        self.credential = credential
        self.timestamping = timestamping
    }

    /// Signs a document in memory.
    /// - Parameter document: The same bytes, opened.
    /// - Returns: The whole signed document.
    /// - Throws: `PDFError` for what cannot be signed; what the key or the timestamp authority throw.
    package func sign(_ bytes: [UInt8], opened document: PDFDocument, request: SignatureRequest) async throws -> [UInt8]
    {
        let prepared = try prepare(document, request)
        var hasher = DigestHasher(credential.algorithm.digest)
        hasher.update(bytes)
        let revision = try await complete(prepared, of: document, request: request, baseHash: hasher)
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count + revision.update.count)
        output += bytes
        output += revision.update
        return output
    }

    /// Copies a document in pieces, hashing it on the way, and appends the signature.
    ///
    /// Nothing reaches the sink when the document cannot be signed.
    /// - Throws: `PDFError` for what cannot be signed; what the key, the timestamp authority or the sink throw.
    @discardableResult
    package func sign(
        _ document: PDFDocument, request: SignatureRequest, into sink: any RevisionSink
    ) async throws -> SignedRevision {
        let prepared = try prepare(document, request)
        var hasher = DigestHasher(credential.algorithm.digest)
        var position = 0
        while position < document.size {
            let end = min(position + Self.pieceBytes, document.size)
            let piece = try document.bytes(position..<end)
            hasher.update(piece)
            try await sink.append(piece)
            position = end
        }
        let revision = try await complete(prepared, of: document, request: request, baseHash: hasher)
        try await sink.append(revision.update)
        return revision
    }

    /// What to append to a document that was hashed already.
    /// - Parameter baseHash: A hasher of the credential's digest that has consumed exactly the document.
    /// - Throws: `PDFError` for what cannot be signed; what the key or the timestamp authority throw.
    package func revision(
        of document: PDFDocument, request: SignatureRequest, baseHash: DigestHasher
    ) async throws -> SignedRevision {
        try await complete(
            try prepare(document, request), of: document, request: request, baseHash: baseHash)
    }

    // MARK: One signature

    private func prepare(
        _ document: PDFDocument, _ request: SignatureRequest, contentsBytes: Int? = nil
    ) throws(PDFError) -> PreparedSignature {
        try PreparedSignature.prepare(
            document: document, request: request, credential: credential, timestamping: timestamping,
            contentsBytes: contentsBytes)
    }

    private func complete(
        _ prepared: PreparedSignature, of document: PDFDocument, request: SignatureRequest, baseHash: DigestHasher
    ) async throws -> SignedRevision {
        let (cms, isTimestamped) = try await signature(on: prepared, baseHash: baseHash)
        if cms.count <= prepared.contentsBytes {
            return SignedRevision(update: try prepared.embedding(cms: cms), isTimestamped: isTimestamped)
        }
        // A second token may be a little larger than the first.
        let larger = try prepare(document, request, contentsBytes: cms.count + cms.count / 4)
        let (second, isSecondTimestamped) = try await signature(on: larger, baseHash: baseHash)
        return SignedRevision(update: try larger.embedding(cms: second), isTimestamped: isSecondTimestamped)
    }

    private func signature(
        on prepared: PreparedSignature, baseHash: DigestHasher
    ) async throws -> (cms: [UInt8], isTimestamped: Bool) {
        let signature = try CMSSignature(digest: prepared.digest(baseHash: baseHash), credential: credential)
        let value = try await credential.sign(digest: signature.digestToSign)
        guard let token = try await timestamping?.token(value) else {
            return (signature.encoded(signature: value), false)
        }
        let attribute = CMSSignature.signatureTimestamp(token: token)
        return (signature.encoded(signature: value, unsignedAttributes: [attribute]), true)
    }
}
