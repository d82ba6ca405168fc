// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Cryptography
import PDFSigning
import PDFSyntax

/// Keys and chains made once for all tests.
struct SigningFixture: Sendable {
    let key: PrivateKey
    let chain: [Certificate]
    let algorithm: SignatureAlgorithm

    static let rsa = Result { try SigningFixture(.rsa(bits: 2048)) }
    static let p256 = Result { try SigningFixture(.p256) }

    static let time = Instant(microseconds: 1_795_176_000_000_000)

    init(_ kind: KeyKind, _ chosen: SignatureAlgorithm? = nil) throws {
        let first = Self.time.advanced(bySeconds: -86_400)
        let last = Self.time.advanced(bySeconds: 86_400 * 3_650)
        let rootKey = try PrivateKey.generate(.p256)
        let root = try CertificateBuilder(
            subject: DistinguishedName(commonName: "Test root", organization: "Paraph"), profile: .root,
            notBefore: first, notAfter: last
        ).selfSigned(by: rootKey)
        key = try PrivateKey.generate(kind)
        let leaf = try CertificateBuilder(
            subject: DistinguishedName(commonName: "Test seal", organization: "Paraph"), profile: .documentSigning,
            notBefore: first, notAfter: last
        ).issued(for: key.publicKey(), by: root, key: rootKey)
        chain = [leaf, root]
        algorithm = chosen ?? (kind == .p256 ? .ecdsaSHA256 : .rsaPKCS1SHA256)
    }

    var credential: SigningCredential {
        get throws {
            try SigningCredential(chain: chain, algorithm: algorithm) { [key, algorithm] digest in
                try key.sign(digest: digest, algorithm: algorithm)
            }
        }
    }

    var reservedBytes: Int { get throws { try credential.reservedBytes() } }

    func request(_ field: String, values: [FieldValue] = []) -> SignatureRequest {
        SignatureRequest(
            fieldName: field, signerName: "Zoë Miller", reason: "I agree and sign", signingTime: Self.time,
            appearance: SignatureAppearance(
                lines: SignatureAppearance.lines(
                    signerName: "Zoë Miller", method: "e-mail link", organisation: "Example Ltd",
                    signingTime: Self.time,
                    meaning: "I agree and sign")),
            values: values)
    }

    /// The document with one more signed revision.
    func sign(_ base: [UInt8], _ field: String, values: [FieldValue] = []) async throws -> [UInt8] {
        try await sign(base, request(field, values: values))
    }

    func sign(_ base: [UInt8], _ request: SignatureRequest) async throws -> [UInt8] {
        let document = try PDFDocument(source: ArraySource(base))
        return try await DocumentSigner(credential: credential).sign(
            base, opened: document, request: request)
    }
}

/// Small documents to sign.
enum SampleDocument {
    /// One page of 400 × 300 points in a table file; extra entries go into the catalog and the page.
    static func onePage(
        catalog: String = "", page: String = "", objects: [String] = [], trailer: String = "", kids: String = "3 0 R"
    ) -> [UInt8] {
        let all =
            [
                "<</Type/Catalog/Pages 2 0 R\(catalog)>>",
                "<</Type/Pages/Kids[\(kids)]/Count 1/MediaBox[0 0 400 300]>>",
                "<</Type/Page/Parent 2 0 R\(page)>>",
            ] + objects
        var text = "%PDF-1.7\n"
        var table = "xref\n0 \(all.count + 1)\n0000000000 65535 f \n"
        for (index, object) in all.enumerated() {
            let offset = String(text.utf8.count)
            table += String(repeating: "0", count: 10 - offset.count) + offset + " 00000 n \n"
            text += "\(index + 1) 0 obj\n\(object)\nendobj\n"
        }
        let start = text.utf8.count
        text += table + "trailer\n<</Size \(all.count + 1)/Root 1 0 R\(trailer)>>\nstartxref\n\(start)\n%%EOF\n"
        return Array(text.utf8)
    }

    /// The document with fields for two signers, nothing signed.
    static func prepared(_ base: [UInt8] = onePage()) throws -> [UInt8] {
        func place(_ y: Double, _ height: Double) -> PreparedField.Placement {
            .init(pageIndex: 0, x: 20, y: y, width: 180, height: height)
        }
        let fields = [
            PreparedField(name: "first", kind: .signature, placement: place(10, 48)),
            PreparedField(name: "first-text", kind: .text, placement: place(70, 14), label: "Place"),
            PreparedField(name: "first-tick", kind: .checkbox, placement: place(90, 14)),
            PreparedField(name: "second", kind: .signature, placement: nil),
            PreparedField(name: "second-date", kind: .date, placement: place(110, 14)),
        ]
        return base
            + (try DocumentPreparation.prepare(document: PDFDocument(source: ArraySource(base)), fields: fields))
    }

    static let firstValues = [
        FieldValue(name: "first-text", content: .text("Zürich (CH)")),
        FieldValue(name: "first-tick", content: .checked(true)),
    ]
    static let secondValues = [FieldValue(name: "second-date", content: .text("2026-11-20"))]

    /// The prepared document after both signed.
    static func signed(_ fixture: SigningFixture, base: [UInt8] = onePage()) async throws -> [UInt8] {
        let once = try await fixture.sign(prepared(base), "first", values: firstValues)
        return try await fixture.sign(once, "second", values: secondValues)
    }
}

extension PDFDocument {
    /// The field of that full name.
    func formField(_ name: String) throws -> FormField? { try formFields().first { $0.name == name } }
}
