// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Cryptography
import PDFSyntax

/// One verification of one document: what all its signatures share, and the order in which they prove each other.
struct DocumentVerification {
    /// What could be read of a field's `/Contents`.
    private enum Content {
        case signature(ParsedCMS)
        case timestamp(TimestampToken)
        case fault(CMSFault)
    }

    /// A document timestamp that passed, and what it proves to have existed.
    private struct ProvenRange {
        let range: SignedRange
        let time: Instant
    }

    /// Signed fields in one document; real ones have some dozens.
    private static let maximumFields = 1_000
    /// Bytes hashed for all signatures together, a few seconds' work.
    private static let maximumHashedBytes = 8 << 30

    private let document: PDFDocument
    private let policy: VerificationPolicy
    private let fields: [SignedField]
    private let contents: [Content]
    private let coverage: RevisionCoverage
    private let data: ValidationData
    private var changes: RevisionChanges
    private var proven: [ProvenRange] = []
    /// Document timestamps whose imprint and signature hold, trusted or not: what the level is told by.
    private var intact: [ProvenRange] = []

    init(
        _ document: PDFDocument, source: any ByteSource, policy: VerificationPolicy,
        open: @escaping RevisionChanges.Opener
    ) throws(PDFError) {
        self.document = document
        self.policy = policy
        var fields: [SignedField] = []
        for field in try document.signatureFields() where field.isSigned {
            fields.append(try SignedField(field, in: document))
            guard fields.count <= Self.maximumFields else {
                throw PDFError(.tooComplex, "The document has more than \(Self.maximumFields) signatures.")
            }
        }
        // Each end is at most the file's size, so the sum cannot overflow.
        guard fields.reduce(0, { $0 + ($1.range?.end ?? 0) }) <= Self.maximumHashedBytes else {
            throw PDFError(.tooComplex, "The signatures of the document cover more bytes than can be checked.")
        }
        self.fields = fields
        var data = try ValidationData(document)
        contents = try Self.contents(of: fields, in: document, &data)
        self.data = data
        coverage = try RevisionCoverage(document, source: source, open: open, fields: fields)
        changes = try RevisionChanges(
            document: document, source: source, signedEnds: fields.compactMap { $0.range?.end }, open: open)
    }

    /// The whole report.
    mutating func report() throws(PDFError) -> VerificationReport {
        // The newest timestamp proves that the older ones existed before their certificates expired.
        let stamps = fields.indices.filter { fields[$0].isTimestamp }
            .sorted { (fields[$0].range?.end ?? 0, $0) > (fields[$1].range?.end ?? 0, $1) }
        var timestamps: [Int: TimestampReport] = [:]
        for index in stamps { timestamps[index] = try timestamp(at: index) }
        var signatures: [SignatureReport] = []
        for index in fields.indices where !fields[index].isTimestamp { signatures.append(try signature(at: index)) }
        return VerificationReport(
            size: document.size, signatures: signatures,
            timestamps: timestamps.sorted { $0.key < $1.key }.map(\.value))
    }

    // MARK: Reading

    private static func contents(
        of fields: [SignedField], in document: PDFDocument, _ data: inout ValidationData
    ) throws(PDFError) -> [Content] {
        var contents: [Content] = []
        for field in fields {
            do throws(CMSFault) {
                switch field.format {
                case .timestamp:
                    let token = try? TimestampToken(der: field.contents)
                    guard let token else { throw CMSFault.unreadable }
                    data.add(token.certificates)
                    contents.append(.timestamp(token))
                case .cades, .pkcs7, .pkcs7SHA1:
                    let cms = try ParsedCMS(field.contents)
                    data.add(cms, at: field.range?.gap.lowerBound ?? 0)
                    data.add(cms.signatureTimestamps.flatMap { $0.map(\.certificates) ?? [] })
                    contents.append(.signature(cms))
                case .rawRSA: contents.append(.fault(.algorithm))
                case nil: throw CMSFault.unknownFormat
                }
            } catch {
                contents.append(.fault(error))
            }
        }
        return contents
    }

    /// The oldest time at which a byte is proven to have existed.
    private func proof(of offset: Int) -> ChainValidation.Proof {
        let times = proven.filter { $0.range.covers(offset) }.map(\.time)
        return ChainValidation.Proof(time: times.min() ?? policy.time, isProven: !times.isEmpty)
    }

    private var chain: ChainValidation { ChainValidation(policy: policy, data: data) }

    // MARK: Document timestamps

    private mutating func timestamp(at index: Int) throws(PDFError) -> TimestampReport {
        let field = fields[index]
        var report = TimestampReport(field: field.name)
        let judged = try coverage.judge(field)
        report.coverage = judged.coverage
        guard case .timestamp(let token) = contents[index] else {
            report.note(Shortcoming(.formatFailure, "The timestamp is not a token of RFC 3161."))
            return report
        }
        report.time = token.time.rfc3339(fractionDigits: 0)
        guard let range = field.range else {
            report.integrity = .broken
            report.note(Shortcoming(.formatFailure, judged.fault ?? ""))
            return report
        }
        report.changesAfter = try changes.judge(signedEnd: range.end).verdict
        var digests: [DigestAlgorithm: [UInt8]] = [:]
        if let algorithm = token.imprintAlgorithm {
            digests[algorithm] = try range.digest(algorithm, in: document)
        }
        let time = TimestampValidation(chain: chain).validate(
            token, digest: { digests[$0] ?? [] }, at: proof(of: range.gap.lowerBound), &report)
        if let fault = judged.fault {
            report.indication = .failed
            report.subIndication = .formatFailure
            report.reason = fault
            return report
        }
        if report.integrity == .intact { intact.append(ProvenRange(range: range, time: token.time)) }
        if let time { proven.append(ProvenRange(range: range, time: time)) }
        return report
    }

    // MARK: Signatures

    private mutating func signature(at index: Int) throws(PDFError) -> SignatureReport {
        let field = fields[index]
        var report = SignatureReport(field: field.name)
        report.indication = .passed
        report.signer = field.signerName
        report.claimedTime = field.claimedTime
        report.certification = try field.certification(in: document)
        report.locks = try field.locks(in: document)
        let judged = try coverage.judge(field)
        report.coverage = judged.coverage
        if let fault = judged.fault { report.note(Shortcoming(.formatFailure, fault)) }
        if let range = field.range { try judgeChanges(after: range, &report) }
        let check = SignatureCheck(field, document: document, chain: chain)
        switch contents[index] {
        case .signature(let cms):
            try check.run(cms, stampProof: proof(of: field.range?.gap.lowerBound ?? .max), &report)
            report.level = LevelCheck(
                field: field, cms: cms, data: data, policy: policy, documentStamps: intact.map { ($0.range, $0.time) }
            ).level(of: report)
        case .fault(.algorithm) where field.format == .rawRSA:
            try check.runRawRSA(proof: proof(of: field.range?.gap.lowerBound ?? .max), &report)
        case .fault(let fault):
            report.integrity = field.range == nil ? .broken : fault.integrity
            report.note(fault.shortcoming)
        case .timestamp: break
        }
        return report
    }

    private mutating func judgeChanges(after range: SignedRange, _ report: inout SignatureReport) throws(PDFError) {
        let found = try changes.judge(signedEnd: range.end)
        report.changesAfter = found.verdict
        report.changes = found.changes
        switch found.verdict {
        case .none where report.coverage == .wholeRevision:
            report.notes.append("Bytes that belong to no revision stand behind what was signed; readers ignore them.")
        case .none, .permitted: break
        case .notPermitted:
            let first = found.changes.first { !$0.permitted }
            report.note(
                Shortcoming(.formatFailure, "A later revision changed what may not change. \(first?.why ?? "")"))
        case .unknown:
            report.note(
                Shortcoming(.signatureConstraintsFailure, "What later revisions changed could not be judged."))
        }
    }
}
