// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import PDFSyntax
import PDFVerification
import Testing

/// The reports on every signature of a document, by field.
struct ChangesOf {
    let reports: [String: ChangeReport]

    init(_ bytes: [UInt8]) throws {
        let source = ArraySource(bytes)
        let document = try PDFDocument(source: source)
        var changes = try RevisionChanges(document: document, source: source, signedEnds: [])
        var reports: [String: ChangeReport] = [:]
        for field in try document.signatureFields() where field.isSigned {
            guard let signature = try document.resolved(field.dictionary["V"]).dictionaryValue,
                let range = signature["ByteRange"]?.arrayValue?.compactMap(\.integerValue), range.count == 4
            else { continue }
            reports[field.name] = try changes.judge(signedEnd: range[2] + range[3])
        }
        self.reports = reports
    }
}

@Suite(.enabled(if: SignedCorpus.folder != nil, "needs ../shared/corpus"))
struct ChangesCorpusTests {
    @Test func `SIG-15: later changes to signed files of others are judged as pyHanko judges them`() throws {
        for verdict in try SignedCorpus.verdictsOnChanges() {
            guard let reports = try? ChangesOf(SignedCorpus.bytes(of: verdict.file)).reports,
                let report = reports[verdict.field]
            else {
                #expect(!verdict.isAccepted, "\(verdict.file) \(verdict.field) is not found")
                continue
            }
            let isAccepted = report.verdict == .none || report.verdict == .permitted
            let reasons = report.changes.filter { !$0.permitted }.prefix(4).map { "\($0.object) \($0.what): \($0.why)" }
            #expect(
                isAccepted == verdict.isAccepted,
                "\(verdict.file) \(verdict.field): \(report.verdict) \(reasons.joined(separator: "; "))")
        }
    }
}
