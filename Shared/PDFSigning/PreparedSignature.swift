// SPDX-License-Identifier: Apache-2.0
package import Cryptography
package import PDFSyntax

/// One signer's revision, complete but for the CMS signature, so that signing can pause at the key boundary.
package struct PreparedSignature: Sendable {
    /// The bytes to append to the document, `/Contents` filled with zeros.
    package let update: [UInt8]
    /// The hexadecimal digits of `/Contents` in `update`, without the angle brackets.
    package let contentsRange: Range<Int>
    /// Bytes in the document before the update.
    package let baseSize: Int

    /// What a signature may have.
    package var contentsBytes: Int { contentsRange.count / 2 }

    /// Ends a draft that holds a signature dictionary, and says in that what it covers.
    package init(draft: consuming RevisionDraft, placeholder: SignaturePlaceholder) throws(PDFError) {
        baseSize = draft.document.size
        var bytes = try draft.finish()
        contentsRange = placeholder.contents
        let range = SignedByteRange(
            gap: (baseSize + contentsRange.lowerBound - 1)..<(baseSize + contentsRange.upperBound + 1),
            end: baseSize + bytes.count)
        range.write(to: &bytes, at: placeholder.byteRange)
        update = bytes
    }

    /// Fills the signer's fields and reserves the signature.
    /// - Parameter timestamping: Given when a signature timestamp will be asked for.
    /// - Parameter contentsBytes: What is kept for the CMS signature; without it, what the credential can need and the
    ///   authority is expected to add.
    /// - Throws: `PDFError`, `fieldMissing` when there is no open signature field, or a value has no field of its kind,
    ///   `unsupported` with the rule's name for what the document forbids.
    package static func prepare(
        document: PDFDocument, request: SignatureRequest, credential: SigningCredential,
        timestamping: SignatureTimestamping? = nil, contentsBytes: Int? = nil
    ) throws(PDFError) -> PreparedSignature {
        let expected = credential.reservedBytes(unsignedBytes: timestamping?.expectedBytes ?? 0)
        return try SignaturePreparation(document: document, request: request).prepare(
            credential: credential, isTimestamped: timestamping != nil, contentsBytes: contentsBytes ?? expected)
    }

    /// The digest of the byte range, by the algorithm of the hasher.
    /// - Parameter baseHash: A hasher that has consumed exactly the document before the update.
    package func digest(baseHash: DigestHasher) -> [UInt8] {
        var hasher = baseHash
        hasher.update(update[..<(contentsRange.lowerBound - 1)])
        hasher.update(update[(contentsRange.upperBound + 1)...])
        return hasher.finalize()
    }

    /// The final bytes to append, with the signature in its place.
    /// - Throws: `PDFError` with `placeholderTooSmall`.
    package func embedding(cms: [UInt8]) throws(PDFError) -> [UInt8] {
        guard cms.count * 2 <= contentsRange.count else {
            throw PDFError(
                .placeholderTooSmall,
                "The signature needs \(cms.count) bytes where \(contentsBytes) were reserved.")
        }
        var result = update
        var digits = result.mutableSpan
        var position = contentsRange.lowerBound
        for byte in cms {
            digits[position] = Self.hexDigit(byte >> 4)
            digits[position + 1] = Self.hexDigit(byte & 15)
            position += 2
        }
        return result
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 { value &+ (value < 10 ? 48 : 87) }
}
