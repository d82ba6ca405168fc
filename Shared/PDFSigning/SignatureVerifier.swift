// SPDX-License-Identifier: Apache-2.0
package import ByteCoding
package import PDFSyntax
import Cryptography

/// Checks integrity and coverage of the signatures of a document; it judges neither trust nor later changes.
package struct SignatureVerifier: Sendable {
    private static let pieceBytes = 1 << 20

    private let document: PDFDocument

    /// Opens the document.
    package init(source: any ByteSource, limits: PDFLimits = .default) throws(PDFError) {
        document = try PDFDocument(source: source, limits: limits)
    }

    /// Checks every signed field.
    package func verify() throws(PDFError) -> VerificationReport {
        var reports: [SignatureReport] = []
        for field in try document.signatureFields() where field.isSigned {
            reports.append(try report(on: field))
        }
        return VerificationReport(size: document.size, signatures: reports)
    }

    private func report(on field: FormField) throws(PDFError) -> SignatureReport {
        var report = SignatureReport(
            field: field.name, kind: "signature", integrity: .unreadable, coverage: .invalid, changesAfter: .unknown)
        guard let reference = field.dictionary["V"]?.referenceValue,
            let dictionary = try document.object(reference).dictionaryValue
        else {
            report.reason = "The signature dictionary is not an object of its own."
            return report
        }
        report.signer = try document.resolved(dictionary["Name"]).stringValue.map(PDFSerializer.text(of:))
        report.claimedTime = try document.resolved(dictionary["M"]).stringValue.map(PDFSerializer.text(of:))
        guard let range = try byteRange(of: dictionary, at: reference) else {
            report.integrity = .broken
            report.reason = "The byte range does not leave out exactly the signature."
            return report
        }
        report.coverage = try coverage(range)
        report.changesAfter = report.coverage == .wholeFile ? .none : .unknown
        if try document.resolved(dictionary["SubFilter"]).nameValue == "ETSI.RFC3161" {
            report.kind = "document_timestamp"
            report.reason = "Document timestamps are not checked."
            return report
        }
        try checkCMS(dictionary, range, &report)
        return report
    }

    private func checkCMS(
        _ dictionary: PDFDictionary, _ range: SignedByteRange, _ report: inout SignatureReport
    ) throws(PDFError) {
        let cms: ParsedCMS
        do throws(CMSFault) {
            cms = try ParsedCMS(dictionary["Contents"]?.stringValue ?? [])
        } catch {
            report.reason = error.rawValue
            report.integrity = error == .unreadable || error == .algorithm ? .unreadable : .broken
            return
        }
        report.certificateName = cms.certificate.subject.commonName
        report.certificateSHA256 = Hex.encode(cms.certificate.sha256)
        let digest = try digest(range, cms.digestAlgorithm)
        do throws(CMSFault) {
            try cms.verify(contentDigest: digest)
            report.integrity = .intact
        } catch {
            report.integrity = .broken
            report.reason = error.rawValue
            return
        }
        let isPAdES = try document.resolved(dictionary["SubFilter"]).nameValue == "ETSI.CAdES.detached"
        if isPAdES, report.claimedTime != nil, dictionary["Cert"] == nil, cms.hasBaselineAttributes {
            report.level = "B-B"
        }
    }

    // MARK: Byte range

    /// The byte range, when it is the whole of a prefix of the file but for exactly the value of `/Contents`.
    private func byteRange(
        of dictionary: PDFDictionary, at reference: PDFReference
    ) throws(PDFError) -> SignedByteRange? {
        guard let numbers = dictionary["ByteRange"]?.arrayValue?.compactMap(\.integerValue), numbers.count == 4,
            dictionary["ByteRange"]?.arrayValue?.count == 4, numbers[0] == 0, numbers[1] > 0, numbers[3] > 0,
            numbers[2] > numbers[1], numbers[2] <= document.size, numbers[3] <= document.size - numbers[2],
            let contents = try document.range(ofValue: "Contents", in: reference),
            contents == numbers[1]..<numbers[2], try isHexString(contents)
        else { return nil }
        return SignedByteRange(gap: contents, end: numbers[2] + numbers[3])
    }

    private func isHexString(_ range: Range<Int>) throws(PDFError) -> Bool {
        let ends = try document.bytes(range.lowerBound..<(range.lowerBound + 1))
        return ends.first == UInt8(ascii: "<")
    }

    private func coverage(_ range: SignedByteRange) throws(PDFError) -> SignatureReport.Coverage {
        if range.end == document.size { return .wholeFile }
        // A revision ends with its startxref, which must point to a section that the file's chain still holds.
        let tail = try document.bytes(max(0, range.end - 64)..<range.end)
        guard let start = Self.startOffset(in: tail) else { return .partial }
        return document.sectionOffsets.contains(start) && start < range.end ? .wholeRevision : .partial
    }

    /// The number of a `startxref … %%EOF` that ends the bytes.
    private static func startOffset(in tail: [UInt8]) -> Int? {
        var text = tail[...]
        for end in [0x0A, 0x0D] as [UInt8] where text.last == end { text = text.dropLast() }
        guard text.suffix(5).elementsEqual("%%EOF".utf8) else { return nil }
        text = text.dropLast(5)
        while let last = text.last, last == 0x0A || last == 0x0D || last == 0x20 { text = text.dropLast() }
        let digits = text.reversed().prefix { (48...57).contains($0) }.reversed()
        text = text.dropLast(digits.count)
        while let last = text.last, last == 0x0A || last == 0x0D || last == 0x20 { text = text.dropLast() }
        guard text.suffix(9).elementsEqual("startxref".utf8) else { return nil }
        return Int(String(decoding: Array(digits), as: UTF8.self))
    }

    private func digest(_ range: SignedByteRange, _ algorithm: DigestAlgorithm) throws(PDFError) -> [UInt8] {
        let parts = [0..<range.gap.lowerBound, range.gap.upperBound..<range.end]
        guard algorithm == .sha256 else {
            // Only SHA-256 runs in pieces; the file size is limited.
            var all: [UInt8] = []
            for part in parts { all += try document.bytes(part) }
            return algorithm.digest(of: all)
        }
        var hasher = DigestHasher(.sha256)
        for part in parts {
            var position = part.lowerBound
            while position < part.upperBound {
                let end = min(position + Self.pieceBytes, part.upperBound)
                hasher.update(try document.bytes(position..<end))
                position = end
            }
        }
        return hasher.finalize()
    }
}
