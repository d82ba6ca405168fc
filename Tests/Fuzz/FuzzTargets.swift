// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Cryptography
import PDFSigning
import PDFSyntax
import PDFVerification

/// Everything that reads outside data, fed with one input; errors are fine, crashes are not.
struct FuzzTargets {
    private let signer: DocumentSigner
    private let time = Instant(microseconds: 1_795_176_000_000_000)

    init() throws {
        let key = try PrivateKey.generate(.p256)
        let root = try CertificateBuilder(
            subject: DistinguishedName(commonName: "Fuzz"), profile: .root, notBefore: time, notAfter: time
        ).selfSigned(by: key)
        signer = DocumentSigner(
            credential: try SigningCredential(chain: [root], algorithm: .ecdsaSHA256) {
                try key.sign(digest: $0, algorithm: .ecdsaSHA256)
            })
    }

    func feed(_ input: [UInt8]) async {
        let source = ArraySource(input)
        _ = try? SignatureVerifier(source: source).verify(VerificationPolicy(time: time))
        guard let document = try? PDFDocument(source: source) else {
            guard let repaired = try? DocumentRepair.repair(source: source) else { return }
            _ = try? PDFDocument(source: repaired.source).checkSignable()
            return
        }
        walk(document)
        _ = try? await sign(document, input)
    }

    private func walk(_ document: PDFDocument) {
        _ = try? document.checkSignable()
        _ = try? document.formFields()
        for number in 1..<min(document.objectCount, 200) {
            guard case .stream(let stream) = try? document.object(PDFReference(number: number)) else { continue }
            _ = try? document.data(of: stream)
        }
    }

    private func sign(_ document: PDFDocument, _ input: [UInt8]) async throws {
        let request = SignatureRequest(
            fieldName: "Fuzz", missingField: .add(.init(pageIndex: 0, x: 10, y: 10, width: 100, height: 30)),
            signerName: "Fuzz", reason: nil, signingTime: time, appearance: SignatureAppearance(lines: ["Fuzz"]))
        let signed = try await signer.sign(input, opened: document, request: request)
        let report = try SignatureVerifier(source: ArraySource(signed)).verify(VerificationPolicy(time: time))
        // A signature that we made must be one that we read: an engine that signs what it misreads is broken.
        let own = report.signatures.last { $0.field == "Fuzz" }
        precondition(own?.integrity == .intact, "a signature of ours is not intact")
    }
}
