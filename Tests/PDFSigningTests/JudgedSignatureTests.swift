// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Cryptography
import Foundation
import PDFSigning
import PDFSyntax
import Testing

/// Two signatures on one document, judged by readers that are not ours.
struct JudgedSignatureTests {
    private static let hasReaders = Tool.exists("pdfsig") && Tool.exists("qpdf")

    private static let pyHanko = """
        import asyncio, io, logging, sys, warnings
        logging.disable(50); warnings.simplefilter("ignore")
        from datetime import datetime, timezone
        from pyhanko.keys import load_cert_from_pemder
        from pyhanko.pdf_utils.reader import PdfFileReader
        from pyhanko.sign.validation import async_validate_pdf_signature
        from pyhanko_certvalidator import ValidationContext
        context = ValidationContext(trust_roots=[load_cert_from_pemder(sys.argv[2])],
            moment=datetime(2026, 11, 20, 12, tzinfo=timezone.utc))
        reader = PdfFileReader(io.BytesIO(open(sys.argv[1], "rb").read()), strict=False)
        for s in reader.embedded_regular_signatures:
            status = asyncio.run(async_validate_pdf_signature(s, context))
            print(s.field_name, status.intact, status.valid, status.coverage.name, status.modification_level.name)
        """

    private func write(_ fixture: SigningFixture, base: [UInt8]) async throws -> String {
        let folder = try Tool.temporaryFolder()
        try Tool.write(try await SampleDocument.signed(fixture, base: base), to: folder + "/signed.pdf")
        try Tool.write(Certificate.pem([fixture.chain[1]]), to: folder + "/root.pem")
        return folder
    }

    private static func bases() -> [[UInt8]] {
        [
            SampleDocument.onePage(), SampleDocument.onePage(page: "/Rotate 270/Annots[]"),
            SampleDocument.onePage(page: "/Annots[<</Type/Annot/Subtype/Text/Rect[9 9 20 20]/Contents(a)>> null]"),
            Array(SampleDocument.onePage(catalog: "/AcroForm<</Fields[]/NeedAppearances true>>").dropLast()),
        ]
    }

    @Test(.enabled(if: hasReaders, "needs pdfsig and qpdf"))
    func `SIG-03: pdfsig and qpdf find two valid signatures, the second over the whole document`() async throws {
        for fixture in try [SigningFixture.rsa.get(), SigningFixture.p256.get()] {
            for base in Self.bases() {
                let folder = try await write(fixture, base: base)
                defer { try? FileManager.default.removeItem(atPath: folder) }
                let pdfsig = try Tool.run(["pdfsig", "-nocert", folder + "/signed.pdf"]).output
                #expect(pdfsig.ranges(of: "Signature is Valid").count == 2, "\(pdfsig)")
                #expect(pdfsig.ranges(of: "  - Total document signed").count == 1)
                #expect(pdfsig.ranges(of: "ETSI.CAdES.detached").count == 2)
                let qpdf = try Tool.run(["qpdf", "--check", folder + "/signed.pdf"])
                #expect(qpdf.status == 0, "\(qpdf.output)")
            }
        }
    }

    @Test(.enabled(if: Tool.hasPyHanko, "needs pyHanko"))
    func `SIG-04: pyHanko calls the change after the first signature form filling`() async throws {
        for base in Self.bases() {
            let folder = try await write(SigningFixture.rsa.get(), base: base)
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let output = try Tool.run([
                "python3", "-c", Self.pyHanko, folder + "/signed.pdf", folder + "/root.pem",
            ]).output
            #expect(
                output.split(separator: "\n") == [
                    "first True True ENTIRE_REVISION FORM_FILLING", "second True True ENTIRE_FILE NONE",
                ], "\(output)")
        }
    }
}
