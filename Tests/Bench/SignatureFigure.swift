// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Cryptography
import PDFSigning
import PDFSyntax
import SystemDriver

/// One core signing 30 KB documents in this process, against the floor that no engine beats: hashing the bytes once and one
/// operation with the private key.
struct SignatureFigure {
    let isQuick: Bool

    func measure() async throws -> Figure {
        let count = isQuick ? 200 : 2000
        let instant = Instant(microseconds: 1_794_873_600_000_000)
        let seal = try Seal(at: instant)
        let documents = try (0..<count).map { try Self.prepared(UInt64($0)) }
        let clock = ContinuousClock()
        let signer = DocumentSigner(
            credential: try SigningCredential(chain: seal.chain, algorithm: .rsaPKCS1SHA256) {
                try seal.key.sign(digest: $0, algorithm: .rsaPKCS1SHA256)
            })
        for document in documents.prefix(50) { _ = try await sign(document, by: signer, at: instant) }
        // Taken in turns, so that both see the same machine.
        var engine = Duration.zero
        var floor = Duration.zero
        for document in documents {
            let started = clock.now
            _ = try await sign(document, by: signer, at: instant)
            let signed = clock.now
            _ = try seal.key.sign(digest: SHA256.digest(of: document), algorithm: .rsaPKCS1SHA256)
            engine += signed - started
            floor += clock.now - signed
        }
        let value = Double(count) / engine.seconds
        let best = Double(count) / floor.seconds
        return Figure(
            name: "signatures_30k_rsa2048", value: value, unit: "signatures/s", limit: best, goal: .bound,
            detail: [
                ("floor_signatures_per_second", Figure.rounded(best)),
                ("engine_microseconds", Figure.rounded(engine.seconds / Double(count) * 1e6)),
                ("floor_microseconds", Figure.rounded(floor.seconds / Double(count) * 1e6)), ("cores", 1),
                ("note", "limit is the floor: SHA-256 of the document and one RSA-2048 operation, in the same run"),
            ])
    }

    private static func prepared(_ number: UInt64) throws -> [UInt8] {
        let base = OfferDocument(number: number).bytes
        let field = PreparedField(
            name: "Signature1", kind: .signature, placement: .init(pageIndex: 0, x: 24, y: 24, width: 170, height: 48))
        return base
            + (try DocumentPreparation.prepare(document: PDFDocument(source: ArraySource(base)), fields: [field]))
    }

    private func sign(_ document: [UInt8], by signer: DocumentSigner, at instant: Instant) async throws -> [UInt8] {
        let request = SignatureRequest(
            fieldName: "Signature1", signerName: "Ada Lovelace", reason: "I agree", signingTime: instant,
            appearance: SignatureAppearance(
                lines: SignatureAppearance.lines(
                    signerName: "Ada Lovelace", method: "e-mail link", organisation: "Example Ltd",
                    signingTime: instant,
                    meaning: "I agree")))
        return try await signer.sign(
            document, opened: PDFDocument(source: ArraySource(document)), request: request)
    }
}
