// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Cryptography
import Foundation
import PDFSigning
import PDFSyntax
import Testing

/// What a document forbids, and what readers that are not ours say of what it permits.
@Suite struct CertificationTests {
    private static let place = PreparedField.Placement(pageIndex: 0, x: 20, y: 80, width: 100, height: 40)

    private func sign(
        _ base: [UInt8], _ field: String, adding missing: SignatureRequest.MissingField = .add(nil),
        certification: CertificationLevel? = nil, values: [FieldValue] = []
    ) async throws -> [UInt8] {
        let fixture = try SigningFixture.p256.get()
        let request = SignatureRequest(
            fieldName: field, missingField: missing, signerName: "Zoë Miller", reason: nil,
            signingTime: SigningFixture.time, values: values, certification: certification)
        return try await DocumentSigner(credential: fixture.credential).sign(
            base, opened: PDFDocument(source: ArraySource(base)), request: request)
    }

    private func refusal(_ body: () async throws -> [UInt8]) async -> String? {
        do {
            _ = try await body()
            return nil
        } catch {
            return (error as? PDFError)?.detail ?? "\(error)"
        }
    }

    /// A document with a field `a` that locks others once it is signed, a text field and a field `b`.
    private func locking(_ lock: String) -> [UInt8] {
        SampleDocument.onePage(
            catalog: "/AcroForm<</Fields[4 0 R 5 0 R 6 0 R]/SigFlags 3>>",
            page: "/Annots[4 0 R 5 0 R 6 0 R]",
            objects: [
                "<</FT/Sig/T(a)/Subtype/Widget/Rect[0 0 0 0]/F 132/P 3 0 R/Lock<</Type/SigFieldLock\(lock)>>>>",
                "<</FT/Tx/T(t)/Subtype/Widget/Rect[10 10 90 30]/F 4/P 3 0 R/DA(/Helv 0 Tf)>>",
                "<</FT/Sig/T(b)/Subtype/Widget/Rect[0 0 0 0]/F 132/P 3 0 R>>",
            ])
    }

    @Test(arguments: CertificationLevel.allCases)
    func `SIG-04: the first signature certifies, and the catalog names it`(level: CertificationLevel) async throws {
        let document = try PDFDocument(
            source: ArraySource(try await sign(SampleDocument.onePage(), "a", certification: level)))
        let field = try #require(try document.formField("a"))
        let permissions = try document.resolved(document.catalog["Perms"]).dictionaryValue
        #expect(permissions?["DocMDP"] == field.dictionary["V"])
        let restrictions = try SignatureRestrictions(of: document, fields: document.formFields())
        #expect(restrictions.level == level)
    }

    @Test func `only the first signature certifies`() async throws {
        let once = try await sign(SampleDocument.onePage(), "a")
        #expect(await refusal { try await sign(once, "b", certification: .formFilling) }?.contains("first") == true)
    }

    @Test func `a certification against any change is refused where others still have to sign`() async throws {
        let prepared = try SampleDocument.prepared()
        let reason = await refusal { try await sign(prepared, "first", certification: .noChanges) }
        #expect(reason?.contains("second") == true)
        #expect(await refusal { try await sign(prepared, "first", certification: .formFilling) } == nil)
    }

    @Test func `SIG-04: a document that is certified against any change takes no further signature`() async throws {
        let certified = try await sign(SampleDocument.onePage(), "a", certification: .noChanges)
        #expect(await refusal { try await sign(certified, "b") }?.contains("DocMDP, /P 1") == true)
        let field = PreparedField(name: "b", kind: .signature, placement: nil)
        #expect(throws: PDFError.self) {
            try DocumentPreparation.prepare(
                document: PDFDocument(source: ArraySource(certified)), fields: [field])
        }
    }

    @Test(arguments: [CertificationLevel.formFilling, .annotations])
    func `a certified document takes signatures, but no new visible field`(level: CertificationLevel) async throws {
        let certified = try await sign(SampleDocument.prepared(), "first", certification: level)
        let reason = await refusal { try await sign(certified, "new", adding: .add(Self.place)) }
        #expect(reason?.contains("DocMDP, /P \(level.rawValue)") == true)
        #expect(await refusal { try await sign(certified, "new") } == nil)
        #expect(await refusal { try await sign(certified, "second") } == nil)
    }

    @Test(arguments: [
        ("/Action/All", ["t", "b", "new"]), ("/Action/Include/Fields[(t)]", ["t"]),
        ("/Action/Exclude/Fields[(b)]", ["t", "new"]), ("", ["t", "b", "new"]),
    ])
    func `SIG-04: a lock becomes part of the signature and later keeps its fields as they are`(
        lock: String, locked: [String]
    ) async throws {
        let signed = try await sign(locking(lock), "a")
        let document = try PDFDocument(source: ArraySource(signed))
        let restrictions = try SignatureRestrictions(of: document, fields: document.formFields())
        for name in ["t", "b", "new"] {
            #expect(restrictions.lockHolder(of: name) == (locked.contains(name) ? "a" : nil), "\(name)")
        }
        let again = await refusal { try await sign(signed, "b", adding: .refuse) }
        #expect((again?.contains("FieldMDP") ?? false) == locked.contains("b"))
        let filling = await refusal {
            try await sign(signed, "new", values: [FieldValue(name: "t", content: .text("x"))])
        }
        #expect((filling?.contains("FieldMDP") ?? false) == locked.contains("t"))
        let visible = await refusal { try await sign(signed, "new", adding: .add(Self.place)) }
        #expect((visible?.contains("FieldMDP") ?? false) == locked.contains("new"))
    }

    @Test(arguments: [("1.7", nil), ("2.0", CertificationLevel.noChanges)])
    func `the permission of a lock counts from the version on that introduced it`(
        version: String, level: CertificationLevel?
    ) throws {
        let base = SampleDocument.onePage(
            catalog: "/AcroForm<</Fields[4 0 R]>>/Version/\(version)",
            objects: ["<</FT/Sig/T(a)/V 5 0 R/Lock<</Action/Include/Fields[]/P 1>>>>", "<</Type/Sig>>"])
        let document = try PDFDocument(source: ArraySource(base))
        #expect(try SignatureRestrictions(of: document, fields: document.formFields()).level == level)
    }

    @Test func `names below a listed one are locked with it`() throws {
        let document = try PDFDocument(source: ArraySource(SampleDocument.onePage()))
        let lock = try FieldLock(
            PDFDictionary([("Action", .name("Include")), ("Fields", .array([.string(Array("a".utf8))]))]),
            in: document)
        #expect(lock.covers("a") && lock.covers("a.b") && !lock.covers("ab") && !lock.covers("b.a"))
    }

    private static let pyHanko = """
        import asyncio, io, logging, sys, warnings
        logging.disable(50); warnings.simplefilter("ignore")
        from datetime import datetime, timezone
        from pyhanko.keys import load_cert_from_pemder
        from pyhanko.pdf_utils.reader import PdfFileReader
        from pyhanko.sign.validation import async_validate_pdf_signature
        from pyhanko_certvalidator import ValidationContext
        context = ValidationContext(trust_roots=[load_cert_from_pemder(sys.argv[1])],
            moment=datetime(2026, 11, 20, 12, tzinfo=timezone.utc))
        for path in sys.argv[2:]:
            reader = PdfFileReader(io.BytesIO(open(path, "rb").read()), strict=True)
            for s in reader.embedded_regular_signatures:
                status = asyncio.run(async_validate_pdf_signature(s, context))
                print(s.field_name, status.intact and status.valid, status.docmdp_ok, s.docmdp_level)
        """

    @Test(.enabled(if: Tool.hasPyHanko, "needs pyHanko"))
    func `SIG-04: pyHanko reads our certifications and locks, and finds nothing that they forbid`() async throws {
        let folder = try Tool.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let fixture = try SigningFixture.p256.get()
        try Tool.write(Certificate.pem([fixture.chain[1]]), to: folder + "/root.pem")
        var paths: [String] = []
        func add(_ bytes: [UInt8]) throws {
            paths.append("\(folder)/\(paths.count).pdf")
            try Tool.write(bytes, to: paths[paths.count - 1])
        }
        let filled = try await sign(
            SampleDocument.prepared(), "first", certification: .formFilling, values: SampleDocument.firstValues)
        try add(try await sign(filled, "second", values: SampleDocument.secondValues))
        try add(try await sign(filled, "new"))
        let annotated = try await sign(SampleDocument.onePage(), "first", certification: .annotations)
        try add(try await sign(annotated, "new"))
        let locked = try await sign(locking("/Action/Include/Fields[(t)]"), "a")
        try add(try await sign(locked, "new"))
        try add(try await sign(sign(locking("/Action/Exclude/Fields[(b)]"), "a"), "b", adding: .refuse))
        let output = try Tool.run(["python3", "-c", Self.pyHanko, folder + "/root.pem"] + paths).output
        #expect(
            output.split(separator: "\n") == [
                "first True True MDPPerm.FILL_FORMS", "second True True None", "first True True MDPPerm.FILL_FORMS",
                "new True True None", "first True True MDPPerm.ANNOTATE", "new True True None", "a True True None",
                "new True True None", "a True True None", "b True True None",
            ], "\(output)")
    }
}
