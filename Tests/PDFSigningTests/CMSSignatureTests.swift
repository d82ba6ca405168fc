// SPDX-License-Identifier: Apache-2.0
import Cryptography
import Foundation
import Testing

@testable import PDFSigning
@testable import PDFVerification

struct CMSSignatureTests {
    private let digest = SHA256.digest(of: Array("content".utf8))

    private func build(_ fixture: SigningFixture) async throws -> [UInt8] {
        let credential = try fixture.credential
        let signature = try CMSSignature(digest: digest, credential: credential)
        return signature.encoded(signature: try await credential.sign(digest: signature.digestToSign))
    }

    @Test func `SIG-02: the signed attributes are exactly those of PAdES baseline, without signing-time`() async throws
    {
        for fixture in try [SigningFixture.rsa.get(), SigningFixture.p256.get()] {
            let cms = try await build(fixture)
            let parsed = try ParsedCMS(cms)
            try parsed.verify(contentDigest: digest, by: fixture.chain[0])
            #expect(parsed.signedAttributes.names(fixture.chain[0]) == true)
            #expect(parsed.signer() == fixture.chain[0])
            #expect(Self.count(ObjectIdentifier.signingTime, in: cms) == 0)
            #expect(Self.count(ObjectIdentifier.messageDigest, in: cms) == 1)
            #expect(Self.count(ObjectIdentifier.signingCertificateV2, in: cms) == 1)
        }
    }

    @Test func `the reserved space is exact for RSA and enough for ECDSA`() async throws {
        let rsa = try SigningFixture.rsa.get()
        let rsaBytes = try rsa.reservedBytes
        #expect(try await build(rsa).count == rsaBytes)
        let p256 = try SigningFixture.p256.get()
        let p256Bytes = try p256.reservedBytes
        for _ in 0..<50 { #expect(try await build(p256).count <= p256Bytes) }
    }

    @Test func `an empty chain and a digest of another length are refused`() async throws {
        let fixture = try SigningFixture.p256.get()
        #expect(throws: CryptographyError.self) {
            try SigningCredential(chain: [], algorithm: fixture.algorithm) { $0 }
        }
        #expect(throws: CryptographyError.self) { try CMSSignature(digest: [1], credential: fixture.credential) }
    }

    private static let algorithms: [(KeyKind, SignatureAlgorithm)] = [
        (.p256, .ecdsaSHA256), (.p384, .ecdsaSHA384), (.p521, .ecdsaSHA512),
        (.rsa(bits: 2048), SignatureAlgorithm(scheme: .rsaPKCS1, digest: .sha384)),
        (.rsa(bits: 2048), SignatureAlgorithm(scheme: .rsaPSS, digest: .sha256)),
        (.rsa(bits: 3072), SignatureAlgorithm(scheme: .rsaPSS, digest: .sha512)),
    ]

    @Test(.enabled(if: Tool.exists("openssl"), "needs openssl"), arguments: algorithms)
    func `SIG-02: openssl accepts the signature of every algorithm`(
        kind: KeyKind, algorithm: SignatureAlgorithm
    ) async throws {
        let fixture = try SigningFixture(kind, algorithm)
        let folder = try Tool.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let credential = try fixture.credential
        let digest = algorithm.digest.digest(of: Array("content".utf8))
        let signature = try CMSSignature(digest: digest, credential: credential)
        // An unsigned attribute must not disturb what is signed.
        let cms = signature.encoded(
            signature: try await credential.sign(digest: signature.digestToSign),
            unsignedAttributes: [CMSSignature.signatureTimestamp(token: [0x30, 0x00])])
        try Tool.write(cms, to: folder + "/cms.der")
        try Tool.write(Array("content".utf8), to: folder + "/content")
        try Tool.write(Certificate.pem([fixture.chain[1]]), to: folder + "/root.pem")
        let result = try Tool.run([
            "openssl", "cms", "-verify", "-cades", "-inform", "DER", "-in", "\(folder)/cms.der", "-content",
            "\(folder)/content", "-binary", "-CAfile", "\(folder)/root.pem", "-purpose", "any", "-attime",
            "1795176000",
        ])
        #expect(result.status == 0, "\(result.output)")
    }

    @Test func `cut and changed encodings are refused`() async throws {
        let fixture = try SigningFixture.p256.get()
        let cms = try await build(fixture)
        for end in 0..<cms.count {
            #expect(throws: CMSFault.self) {
                try ParsedCMS(Array(cms[..<end])).verify(contentDigest: digest, by: fixture.chain[0])
            }
        }
        #expect(throws: CMSFault.digest) {
            try ParsedCMS(cms).verify(contentDigest: SHA256.digest(of: []), by: fixture.chain[0])
        }
        for position in cms.indices {
            var changed = cms
            changed[position] ^= 0xFF
            _ = try? ParsedCMS(changed).verify(contentDigest: digest, by: fixture.chain[0])
        }
    }

    private static func count(_ pattern: [UInt8], in bytes: [UInt8]) -> Int {
        (0...(bytes.count - pattern.count)).count { bytes[$0...].starts(with: pattern) }
    }
}
