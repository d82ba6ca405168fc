// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Foundation
import PDFSyntax
import PDFVerification
import Testing

private enum PyHanko {
    static let python: String? = {
        let path = (ProcessInfo.processInfo.environment["PARAPH_JUDGES"] ?? "") + "/python3"
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }()
}

/// Revisions that pyHanko writes behind the sample, judged here and by pyHanko.
@Suite(.enabled(if: PyHanko.python != nil, "needs PARAPH_JUDGES with pyHanko"))
struct ForeignChangesTests {
    /// Writes every document named on the command line, and prints its name and pyHanko's verdict.
    private static let script = """
        import datetime, logging, sys
        logging.disable(50)
        from io import BytesIO
        from asn1crypto import keys, x509 as ax
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes, serialization as s
        from cryptography.hazmat.primitives.asymmetric import rsa
        from pyhanko.pdf_utils import generic as g
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter as Writer
        from pyhanko.pdf_utils.reader import PdfFileReader
        from pyhanko.sign import fields, signers, timestamps
        from pyhanko.sign.diff_analysis import DEFAULT_DIFF_POLICY, DiffResult
        from pyhanko.sign.validation import DocumentSecurityStore
        from pyhanko_certvalidator.registry import SimpleCertificateStore
        folder, base = sys.argv[1], open(sys.argv[1] + "/base.pdf", "rb").read()
        key = rsa.generate_private_key(65537, 2048)
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Test")])
        now = datetime.datetime.now(datetime.timezone.utc)
        cert = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
            .not_valid_before(now).not_valid_after(now + datetime.timedelta(1)).sign(key, hashes.SHA256()))
        cert = ax.Certificate.load(cert.public_bytes(s.Encoding.DER))
        private = keys.PrivateKeyInfo.load(key.private_bytes(s.Encoding.DER, s.PrivateFormat.PKCS8, s.NoEncryption()))
        def sign(data, field, box=None):
            out = BytesIO()
            new = fields.SigFieldSpec(field, box=box, on_page=1) if field != "two" else None
            signers.PdfSigner(signers.PdfSignatureMetadata(field_name=field), new_field_spec=new,
                signer=signers.SimpleSigner(cert, private, SimpleCertificateStore())).sign_pdf(
                Writer(BytesIO(data), strict=False), output=out)
            return out.getvalue()
        def store(data):
            out = BytesIO(data)
            DocumentSecurityStore.supply_dss_in_writer(w := Writer(out, strict=False), bytes(2), certs=[cert])
            w.write_in_place()
            return out.getvalue()
        def stamp(data):
            out = BytesIO()
            signers.PdfTimeStamper(timestamps.DummyTimeStamper(cert, private), field_name="stamp").timestamp_pdf(
                Writer(BytesIO(data), strict=False), "sha256", output=out)
            return out.getvalue()
        def fill(data):
            w = Writer(out := BytesIO(data), strict=False)
            field = w.root["/AcroForm"]["/Fields"][2]
            field[g.NameObject("/V")] = g.TextStringObject("filled by another")
            box = g.ArrayObject(map(g.NumberObject, (0, 0, 80, 30)))
            look = g.StreamObject({g.NameObject("/Subtype"): g.NameObject("/Form"), g.NameObject("/BBox"): box}, stream_data=b"")
            field[g.NameObject("/AP")] = g.DictionaryObject({g.NameObject("/N"): w.add_object(look)})
            w.update_container(field)
            w.write_in_place()
            return out.getvalue()
        def comment(data):
            w = Writer(out := BytesIO(data), strict=False)
            page = w.root["/Pages"]["/Kids"][0]
            note = g.DictionaryObject({g.NameObject("/Type"): g.NameObject("/Annot"),
                g.NameObject("/Subtype"): g.NameObject("/Text"), g.NameObject("/Contents"): g.TextStringObject("hm"),
                g.NameObject("/Rect"): g.ArrayObject(map(g.NumberObject, (0, 0, 9, 9)))})
            page["/Annots"].append(w.add_object(note))
            w.update_container(page["/Annots"])
            w.write_in_place()
            return out.getvalue()
        made = {"existing": sign(base, "two"), "visible": sign(base, "three", (20, 20, 90, 60)), "invisible": sign(base, "four"),
            "store": store(base), "stamp": stamp(base), "fill": fill(base), "comment": comment(base)}
        made["chain"] = stamp(store(sign(sign(made["fill"], "two"), "five", (20, 20, 90, 60))))
        made["forged"] = comment(made["chain"])
        for title, data in made.items():
            open(f"{folder}/{title}.pdf", "wb").write(data)
            verdict = DEFAULT_DIFF_POLICY.review_file(PdfFileReader(BytesIO(data), strict=False), 0)
            print(title, "permitted" if isinstance(verdict, DiffResult) else "not_permitted")
        """

    @Test func `SIG-15: what another program adds is judged as that program judges it`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "changes-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let base = SignedSample().bytes
        try Data(base).write(to: folder.appending(path: "base.pdf"))
        let process = Process()
        process.executableURL = URL(filePath: PyHanko.python ?? "")
        process.arguments = ["-c", Self.script, folder.path]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        let verdicts = text.split(separator: "\n").map { $0.split(separator: " ") }
        #expect(verdicts.count == 9)
        for verdict in verdicts {
            let source = ArraySource([UInt8](try Data(contentsOf: folder.appending(path: "\(verdict[0]).pdf"))))
            let document = try PDFDocument(source: source)
            let report = try RevisionChanges.judge(document: document, source: source, signedEnd: base.count)
            let denied = report.changes.filter { !$0.permitted }.map { "\($0.object) \($0.what): \($0.why)" }
            #expect(report.verdict.rawValue == verdict[1], "\(verdict[0]) \(denied)")
            #expect((report.verdict == .permitted) == !["comment", "forged"].contains(verdict[0]))
        }
    }
}
