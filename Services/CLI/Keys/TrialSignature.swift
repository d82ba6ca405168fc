// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Cryptography
import Keys
import PDFSigning
import PDFSyntax
import PDFVerification

/// Signs a document that nobody needs with a key that is to go into use, and verifies it.
struct TrialSignature {
    let seal: TenantSeal

    /// - Throws: `CommandFailure` when the certificates are not valid now, the key does not sign, or what it signs does
    ///   not verify.
    func run(at now: Instant) async throws {
        guard seal.chain.allSatisfy({ $0.notBefore <= now && now <= $0.notAfter }) else {
            throw CommandFailure("the trial failed: a certificate of the chain is not valid now")
        }
        let credential = try SigningCredential(chain: seal.chain, algorithm: seal.algorithm) {
            try await seal.sign(digest: $0)
        }
        let request = SignatureRequest(
            fieldName: "Trial", missingField: .add(nil), signerName: "Trial", reason: nil, signingTime: now,
            appearance: SignatureAppearance(lines: []))
        let signed: [UInt8]
        do {
            signed = try await DocumentSigner(credential: credential).sign(
                Self.document, opened: PDFDocument(source: ArraySource(Self.document)), request: request)
        } catch {
            throw CommandFailure("the trial failed: \(error)")
        }
        let report = try SignatureVerifier(source: ArraySource(signed)).verify(
            VerificationPolicy(time: now))
        guard report.isIntact, report.signatures.first?.level != nil else {
            throw CommandFailure(
                "the trial failed: \(report.signatures.first?.reason ?? "the signature does not verify")")
        }
    }

    /// One empty page.
    static let document: [UInt8] = {
        let objects = [
            "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 595 842]>>",
            "<</Type/Page/Parent 2 0 R>>",
        ]
        var text = "%PDF-1.7\n"
        var table = "xref\n0 \(objects.count + 1)\n0000000000 65535 f \n"
        for (index, object) in objects.enumerated() {
            let offset = String(text.utf8.count)
            table += String(repeating: "0", count: 10 - offset.count) + offset + " 00000 n \n"
            text += "\(index + 1) 0 obj\n\(object)\nendobj\n"
        }
        let start = text.utf8.count
        return Array(
            "\(text)\(table)trailer\n<</Size \(objects.count + 1)/Root 1 0 R>>\nstartxref\n\(start)\n%%EOF\n".utf8)
    }()
}
