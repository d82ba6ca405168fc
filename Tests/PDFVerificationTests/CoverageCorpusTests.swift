// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import PDFVerification
import Testing

@Suite(.enabled(if: SignedCorpus.folder != nil, "needs ../shared/corpus"))
struct CoverageCorpusTests {
    /// Where the whole verdict differs from pyHanko's on purpose, and why; the oracle agrees in each case.
    private static let differences: [String: String] = [
        "dss__pades-ocsp-archiveCutOff-invalid.pdf Signature2": """
        The first revision is linearised, so that its end names the section at its beginning; pyHanko then takes the \
        signed bytes for a part of a revision. EU DSS calls them a whole one, with a further signature behind.
        """
    ]

    private func reports(_ file: String) throws -> [String: SignatureReport]? {
        let time = Instant(microseconds: 1_790_000_000_000_000)
        guard let verifier = try? SignatureVerifier(source: ArraySource(SignedCorpus.bytes(of: file))) else {
            return nil
        }
        let report = try verifier.verify(VerificationPolicy(time: time))
        return Dictionary(report.signatures.map { ($0.field, $0) }) { first, _ in first }
    }

    @Test func `SIG-15: signatures of others are accepted and rejected as pyHanko does, but for what is listed`() throws
    {
        var cache: [String: [String: SignatureReport]] = [:]
        for verdict in try SignedCorpus.verdictsOnAll() {
            if cache[verdict.file] == nil { cache[verdict.file] = try reports(verdict.file) ?? [:] }
            let report = cache[verdict.file]?[verdict.field]
            let isAccepted =
                report.map {
                    $0.integrity == .intact && $0.coverage.isWhole
                        && ($0.changesAfter == .none || $0.changesAfter == .permitted)
                } ?? false
            let isExpected = verdict.isAccepted != (Self.differences["\(verdict.file) \(verdict.field)"] != nil)
            #expect(isAccepted == isExpected, "\(verdict.file) \(verdict.field): \(report?.reason ?? "not listed")")
        }
    }

    @Test(arguments: [
        ("dss__siwa.pdf", "Signature1"), ("dss__pdf-spoofing-attack.pdf", "Sig2"),
        ("dss__pades-spoofing-replaced-reason.pdf", "Signature1"), ("dss__pdf-byterange-overlap.pdf", "Signature2"),
        ("dss__pdf-eof.pdf", "Signature1"), ("dss__pdf-signed-corrupted.pdf", "Signature1"),
        ("dss__pades-enveloping-cms.pdf", "Signature1"), ("dss__pades-enveloping-empty-bytes-cms.pdf", "signature1"),
        ("pyhanko__one-byterange.pdf", "Sig1"), ("pyhanko__signature-gap-too-big.pdf", "Sig1"),
        ("pyhanko__tail-uncovered.pdf", "Sig1"), ("pyhanko__base.pdf", "Sig1"),
        ("dss__BadEncodedCMS.pdf", "Test Signature"), ("pdfium__two_signatures.pdf", "Signature1"),
    ])
    func `SIG-15: wrapped, enveloping and incomplete signatures do not pass`(file: String, field: String) throws {
        guard let report = try reports(file)?[field] else { return }
        #expect(report.integrity != .intact || !report.coverage.isWhole)
        #expect(report.indication != .passed && report.subIndication != .noCertificateChainFound)
    }

    @Test(arguments: [
        ("dss__muestra-firmado-firmado.pdf", "Signature1", "B-LTA"), ("dss__PAdES-LT.pdf", "Signature2", "B-LT"),
        ("dss__pades-t-duplicated-sigtst.pdf", "Signature1", "B-T"), ("dss__DSS-3226.pdf", "Signaturefield", "B-B"),
        ("dss__pades-bes.pdf", "Signature1", "PAdES"), ("dss__pkcs7.pdf", "SIGN1", "PKCS7"),
        ("dss__pades-two-sig-copied-tst.pdf", "Signature2", "B-B"),
    ])
    func `the level is the one that is really there`(file: String, field: String, level: String) throws {
        #expect(try reports(file)?[field]?.level == level)
    }
}
