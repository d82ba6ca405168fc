// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Cryptography
import Foundation
import PDFSigning
import PDFSyntax
import Testing

/// Documents that qpdf encrypted, signed twice by us and read again by others.
@Suite(.enabled(if: Tool.exists("pdfsig") && Tool.exists("qpdf"), "needs pdfsig and qpdf"))
struct EncryptedSignatureTests {
    struct Kind: Sendable, CustomTestStringConvertible {
        let words: [String]
        let revision: Int
        var user = "user"
        var isObjectStreams = false
        /// pyHanko 0.38 does not know revision 5, and decrypts clear metadata unless it is marked.
        var isReadByPyHanko: Bool { revision != 5 }
        var testDescription: String { words.joined(separator: " ") + (isObjectStreams ? " streams" : "") }
    }

    static let kinds = [
        Kind(words: ["40"], revision: 2), Kind(words: ["128", "--use-aes=n"], revision: 3),
        Kind(words: ["128", "--use-aes=n", "--force-V4"], revision: 4),
        Kind(words: ["128", "--use-aes=y"], revision: 4, isObjectStreams: true),
        Kind(words: ["128", "--use-aes=y", "--cleartext-metadata"], revision: 4),
        Kind(words: ["256", "--force-R5"], revision: 5), Kind(words: ["256"], revision: 6, isObjectStreams: true),
        Kind(words: ["256", "--cleartext-metadata"], revision: 6),
        Kind(words: ["256"], revision: 6, user: ""), Kind(words: ["40"], revision: 2, user: ""),
    ]

    private static let metadata = "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"></x:xmpmeta>"

    /// A page with a text in its content, a string in the catalog and metadata.
    private func encrypted(_ kind: Kind, in folder: String) throws -> [UInt8] {
        let content = "BT /F1 12 Tf 20 20 Td (Hello) Tj ET"
        let base = SampleDocument.onePage(
            catalog: "/Lang(en-GB)/Metadata 5 0 R", page: "/Contents 4 0 R",
            objects: [
                "<</Length \(content.count)>>\nstream\n\(content)\nendstream",
                "<</Type/Metadata/Subtype/XML/Length \(Self.metadata.count)>>\nstream\n\(Self.metadata)\nendstream",
            ])
        try Tool.write(base, to: folder + "/plain.pdf")
        let streams = kind.isObjectStreams ? "generate" : "disable"
        let qpdf = try Tool.run(
            ["qpdf", "--allow-weak-crypto", "--object-streams=\(streams)", "--static-id", "--encrypt", kind.user]
                + ["owner"] + kind.words + ["--", folder + "/plain.pdf", folder + "/encrypted.pdf"])
        try #require(qpdf.status == 0, "\(qpdf.output)")
        return [UInt8](try Data(contentsOf: URL(filePath: folder + "/encrypted.pdf")))
    }

    private func sign(_ base: [UInt8], _ field: String, password: String) async throws -> [UInt8] {
        let fixture = try SigningFixture.p256.get()
        let document = try PDFDocument(source: ArraySource(base), password: password)
        return try await DocumentSigner(credential: fixture.credential).sign(
            base, opened: document, request: fixture.request(field))
    }

    private func prepared(_ base: [UInt8], password: String) throws -> [UInt8] {
        let fields = ["first", "second"].map {
            PreparedField(
                name: $0, kind: .signature,
                placement: .init(pageIndex: 0, x: 20, y: $0 == "first" ? 10 : 80, width: 180, height: 48))
        }
        let document = try PDFDocument(source: ArraySource(base), password: password)
        return base + (try DocumentPreparation.prepare(document: document, fields: fields))
    }

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
        reader.decrypt(sys.argv[3])
        for s in reader.embedded_regular_signatures:
            status = asyncio.run(async_validate_pdf_signature(s, context))
            print(s.field_name, status.intact, status.valid, status.coverage.name, status.docmdp_ok, s.sig_object["/Reason"])
        """

    @Test(arguments: kinds)
    func `SIG-03: an encrypted document is signed twice, and other readers open and accept it`(
        _ kind: Kind
    ) async throws {
        let folder = try Tool.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let base = try encrypted(kind, in: folder)
        let prepared = try prepared(base, password: kind.user)
        let signed = try await sign(sign(prepared, "first", password: "owner"), "second", password: kind.user)
        #expect(signed.starts(with: base))
        try Tool.write(signed, to: folder + "/signed.pdf")
        try Tool.write(Certificate.pem([try SigningFixture.p256.get().chain[1]]), to: folder + "/root.pem")
        for password in [kind.user, "owner"] {
            let qpdf = try Tool.run(["qpdf", "--check", "--password=\(password)", folder + "/signed.pdf"])
            #expect(qpdf.status == 0, "\(qpdf.output)")
        }
        let password = kind.user.isEmpty ? [] : ["-upw", kind.user]
        let pdfsig = try Tool.run(["pdfsig", "-nocert"] + password + [folder + "/signed.pdf"]).output
        #expect(pdfsig.ranges(of: "Signature is Valid").count == 2, "\(pdfsig)")
        #expect(pdfsig.ranges(of: "  - Total document signed").count == 1, "\(pdfsig)")
        #expect(pdfsig.contains("Signing Time: Nov 20 2026"), "\(pdfsig)")
        guard Tool.hasPyHanko, kind.isReadByPyHanko else { return }
        let output = try Tool.run([
            "python3", "-c", Self.pyHanko, folder + "/signed.pdf", folder + "/root.pem", kind.user,
        ]).output
        #expect(
            output.split(separator: "\n") == [
                "first True True ENTIRE_REVISION True I agree and sign",
                "second True True ENTIRE_FILE True I agree and sign",
            ], "\(output)")
    }

    @Test(arguments: kinds)
    func `strings, streams and metadata are read in clear, by either password`(_ kind: Kind) throws {
        let folder = try Tool.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let base = try encrypted(kind, in: folder)
        for password in [kind.user, "owner"] {
            let document = try PDFDocument(source: ArraySource(base), password: password)
            let encryption = try #require(document.encryption)
            #expect(encryption.revision == kind.revision)
            #expect(encryption.isOpenedAsOwner == (password == "owner"))
            #expect(document.catalog["Lang"]?.stringValue == Array("en-GB".utf8))
            guard case .stream(let content) = try document.resolved(document.page(at: 0).dictionary["Contents"]),
                case .stream(let metadata) = try document.resolved(document.catalog["Metadata"])
            else {
                Issue.record("a stream is missing")
                return
            }
            #expect(String(decoding: try document.data(of: content), as: UTF8.self).contains("(Hello) Tj"))
            #expect(String(decoding: try document.data(of: metadata), as: UTF8.self).contains("xmpmeta"))
        }
        if kind.user.isEmpty {
            #expect(try PDFDocument(source: ArraySource(base), password: "wrong").encryption != nil)
            return
        }
        for wrong in [nil, "", "wrong", String(repeating: "x", count: 300)] {
            #expect { try PDFDocument(source: ArraySource(base), password: wrong) } throws: { error in
                (error as? PDFError)?.code == .encrypted
            }
        }
    }

    @Test func `an equal request gives equal bytes, although the cipher wants a vector`() throws {
        let folder = try Tool.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let base = try encrypted(Self.kinds[6], in: folder)
        let once = try prepared(base, password: "user")
        #expect(try prepared(base, password: "owner") == once)
    }
}
