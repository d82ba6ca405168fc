// SPDX-License-Identifier: Apache-2.0
package import Clocks
package import Cryptography
package import PDFSyntax
package import Revocation
package import Timestamping

/// What raising appends to a document.
package struct RaisedRevision: Sendable {
    /// The bytes that follow the document; empty when nothing could or had to be added.
    package let update: [UInt8]
    /// The level of the newest signature afterwards, as far as it was asked for.
    package let level: SignatureLevel
    /// Why the level asked for was not reached; empty when it was.
    package let shortfalls: [LevelShortfall]
}

/// Raises the signatures of a document by appending to it (EN 319 142-1, 6): validation data and document timestamps.
///
/// Nobody's signature changes, so it may be done at any time while the certificates are valid, by anyone, and again:
/// raising to B-LTA once more is the renewal before the newest timestamp's authority expires.
package struct LevelRaising: Sendable {
    private let timestamps: TimestampAuthorityClient
    private let revocation: RevocationClient
    private let timestampBudgetSeconds: Double
    private let revocationBudgetSeconds: Double

    /// - Parameter timestampBudgetSeconds: For one document timestamp.
    /// - Parameter revocationBudgetSeconds: For all validation data of one signature.
    package init(
        timestamps: TimestampAuthorityClient, revocation: RevocationClient, timestampBudgetSeconds: Double = 30,
        revocationBudgetSeconds: Double = 30
    ) {
        self.timestamps = timestamps
        self.revocation = revocation
        self.timestampBudgetSeconds = timestampBudgetSeconds
        self.revocationBudgetSeconds = revocationBudgetSeconds
    }

    /// Raises every signature as far as it goes; the newest one decides about the level reached.
    ///
    /// A signature without a time of its own first gets it from a document timestamp, in a revision before the others:
    /// the validation data of that timestamp's authority have to be in the store too.
    /// - Parameter password: What the document was opened with: it is opened again with what is added first.
    /// - Throws: `PDFError` for a document without signatures, or one that cannot be written; no authority that fails.
    package func raise(
        _ document: PDFDocument, to level: SignatureLevel, password: String? = nil
    ) async throws -> RaisedRevision {
        let material = try SignatureMaterial.all(in: document)
        guard let newest = material.last(where: { !$0.isDocumentTimestamp }) else {
            throw PDFError(.fieldMissing, "The document has no signature that could be raised.")
        }
        guard level > .basic else { return RaisedRevision(update: [], level: .basic, shortfalls: []) }
        let hasTime =
            !newest.timestamps.isEmpty || material.contains { $0.isDocumentTimestamp && $0.end > newest.end }
        guard !hasTime else { return try await store(document, material, newest: newest, level: level) }
        let time: [UInt8]
        do {
            time = try await timestamp(ending: RevisionDraft(of: document))
        } catch let error as TimestampError {
            return RaisedRevision(update: [], level: .basic, shortfalls: [.timestamp(error)])
        }
        guard level > .timestamped else { return RaisedRevision(update: time, level: level, shortfalls: []) }
        let timestamped = try document.appending(time, password: password)
        let rest = try await store(
            timestamped, try SignatureMaterial.all(in: timestamped), newest: newest, level: level)
        return RaisedRevision(update: time + rest.update, level: rest.level, shortfalls: rest.shortfalls)
    }

    /// Adds validation data to a document whose newest signature has a time, and a timestamp over all of it.
    private func store(
        _ document: PDFDocument, _ material: [SignatureMaterial], newest: SignatureMaterial, level: SignatureLevel
    ) async throws -> RaisedRevision {
        guard level > .timestamped else { return RaisedRevision(update: [], level: .timestamped, shortfalls: []) }
        var draft = RevisionDraft(of: document)
        let (data, missing, isComplete) = try await validationData(for: material, newest: newest)
        let isChanged = try DocumentSecurityStore(of: document).add(data, to: &draft)
        var shortfalls = missing
        // A timestamp over an incomplete store would archive what cannot be validated.
        if isComplete, level == .longTermArchived {
            do {
                return RaisedRevision(
                    update: try await timestamp(ending: draft), level: level, shortfalls: shortfalls)
            } catch let error as TimestampError {
                shortfalls.append(.timestamp(error))
            }
        }
        return RaisedRevision(
            update: isChanged ? try draft.finish() : [], level: isComplete ? .longTerm : .timestamped,
            shortfalls: shortfalls)
    }

    private func timestamp(ending draft: RevisionDraft) async throws -> [UInt8] {
        do {
            return try await DocumentTimestamp(client: timestamps, budgetSeconds: timestampBudgetSeconds)
                .revision(ending: draft)
        } catch TimestampError.cancelled {
            throw CancellationError()
        }
    }

    /// When the authority of the newest document timestamp expires: renewal has to come before; nil without one.
    package static func expiry(of document: PDFDocument) throws(PDFError) -> Instant? {
        try SignatureMaterial.all(in: document).last { $0.isDocumentTimestamp }?.signer?.notAfter
    }

    /// The token of the newest document timestamp, not verified; nil without one.
    package static func newestTimestamp(in document: PDFDocument) throws(PDFError) -> TimestampToken? {
        guard let newest = try SignatureMaterial.all(in: document).last(where: \.isDocumentTimestamp) else {
            return nil
        }
        return try? TimestampToken(der: newest.contents)
    }

    /// Everything that can be proven now, and whether that is everything about the newest signature.
    private func validationData(
        for material: [SignatureMaterial], newest: SignatureMaterial
    ) async throws -> (data: ValidationData, missing: [LevelShortfall], isNewestComplete: Bool) {
        var data = ValidationData()
        var missing: [LevelShortfall] = []
        var isNewestComplete = true
        for signature in material {
            let holders =
                [(signature.signer, signature.certificates)]
                + signature.timestamps.map { ($0.signer, $0.certificates) }
            for (signer, certificates) in holders {
                do throws(RevocationError) {
                    guard let signer else {
                        missing.append(.unreadableSignature(field: signature.field))
                        isNewestComplete = isNewestComplete && signature.end != newest.end
                        continue
                    }
                    data.add(
                        try await revocation.validationData(
                            for: signer, candidates: certificates, budgetSeconds: revocationBudgetSeconds))
                } catch {
                    if error == .cancelled { throw CancellationError() }
                    missing.append(.revocation(error))
                    isNewestComplete = isNewestComplete && signature.end != newest.end
                }
            }
        }
        return (data, missing, isNewestComplete)
    }
}
