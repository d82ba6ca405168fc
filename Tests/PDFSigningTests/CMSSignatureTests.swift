// SPDX-License-Identifier: Apache-2.0
import Cryptography
import Foundation
import Testing

@testable import PDFSigning

struct CMSSignatureTests {
    private let digest = SHA256.digest(of: Array("content".utf8))

    private func build(_ fixture: SigningFixture) async throws -> [UInt8] {
        try await CMSSignature.build(
            digest: digest, chain: fixture.chain, signatureAlgorithm: fixture.algorithm
        ) { try fixture.key.sign(digest: $0, algorithm: fixture.algorithm) }
    }

    @Test func `SIG-02: the signed attributes are exactly those of PAdES baseline, without signing-time`() async throws
    {
        for fixture in try [SigningFixture.rsa.get(), SigningFixture.p256.get()] {
            let cms = try await build(fixture)
            let parsed = try ParsedCMS(cms)
            try parsed.verify(contentDigest: digest)
            #expect(parsed.hasBaselineAttributes)
            #expect(parsed.certificate == fixture.chain[0])
            #expect(Self.count(ObjectIdentifier.signingTime, in: cms) == 0)
            #expect(Self.count(ObjectIdentifier.messageDigest, in: cms) == 1)
            #expect(Self.count(ObjectIdentifier.signingCertificateV2, in: cms) == 1)
        }
    }

    @Test func `the reserved space is exact for RSA and enough for ECDSA`() async throws {
        let rsa = try SigningFixture.rsa.get()
        #expect(try await build(rsa).count == rsa.reservedBytes)
        let p256 = try SigningFixture.p256.get()
        for _ in 0..<50 { #expect(try await build(p256).count <= p256.reservedBytes) }
    }

    @Test func `an empty chain and a digest of another length are refused`() async throws {
        let fixture = try SigningFixture.p256.get()
        await #expect(throws: CryptographyError.self) {
            try await CMSSignature.build(digest: digest, chain: [], signatureAlgorithm: fixture.algorithm) { $0 }
        }
        await #expect(throws: CryptographyError.self) {
            try await CMSSignature.build(digest: [1], chain: fixture.chain, signatureAlgorithm: fixture.algorithm) {
                $0
            }
        }
    }

    @Test(.enabled(if: Tool.exists("openssl"), "needs openssl"))
    func `openssl accepts the signature`() async throws {
        for fixture in try [SigningFixture.rsa.get(), SigningFixture.p256.get()] {
            let folder = try Tool.temporaryFolder()
            defer { try? FileManager.default.removeItem(atPath: folder) }
            try await Tool.write(build(fixture), to: folder + "/cms.der")
            try Tool.write(Array("content".utf8), to: folder + "/content")
            try Tool.write(Certificate.pem([fixture.chain[1]]), to: folder + "/root.pem")
            let result = try Tool.run([
                "openssl", "cms", "-verify", "-cades", "-inform", "DER", "-in", "\(folder)/cms.der", "-content",
                "\(folder)/content", "-binary", "-CAfile", "\(folder)/root.pem", "-purpose", "any", "-attime",
                "1795176000",
            ])
            #expect(result.status == 0, "\(result.output)")
        }
    }

    @Test func `cut and changed encodings are refused`() async throws {
        let cms = try await build(SigningFixture.p256.get())
        for end in 0..<cms.count {
            #expect(throws: CMSFault.self) { try ParsedCMS(Array(cms[..<end])).verify(contentDigest: digest) }
        }
        #expect(throws: CMSFault.digest) { try ParsedCMS(cms).verify(contentDigest: SHA256.digest(of: [])) }
        for position in cms.indices {
            var changed = cms
            changed[position] ^= 0xFF
            _ = try? ParsedCMS(changed).verify(contentDigest: digest)
        }
    }

    private static func count(_ pattern: [UInt8], in bytes: [UInt8]) -> Int {
        (0...(bytes.count - pattern.count)).count { bytes[$0...].starts(with: pattern) }
    }
}
