// SPDX-License-Identifier: Apache-2.0
import Clocks
import Cryptography
import Testing

@Suite struct RevocationTests {
    private let authority: Certificate
    private let good: Certificate
    private let revoked: Certificate
    private let responder: Certificate
    private let revocationTime = Instant(rfc3339: "2025-01-02T03:04:05Z")

    init() throws {
        authority = try Certificate(der: RevocationFixture.authorityDER)
        good = try Certificate(der: RevocationFixture.goodDER)
        revoked = try Certificate(der: RevocationFixture.revokedDER)
        responder = try Certificate(der: RevocationFixture.responderDER)
    }

    @Test func `an OCSP response says good, revoked with time and reason, or unknown`() throws {
        let response = try OCSPResponse(der: RevocationFixture.ocspOfResponder)
        #expect(response.status == .successful)
        #expect(response.entries.count == 3)
        #expect(response.certificates == [responder])
        #expect(response.signatureAlgorithm == .ecdsaSHA256)
        #expect(response.entry(for: good, issuer: authority)?.status == .good)
        let time = try #require(revocationTime)
        #expect(
            response.entry(for: revoked, issuer: authority)?.status == .revoked(at: time, reason: .keyCompromise))
        #expect(response.entries.last?.status == .unknown)
        #expect(response.entry(for: responder, issuer: authority) == nil)
        let entry = try #require(response.entry(for: good, issuer: authority))
        #expect(entry.nextUpdate.map { $0 > entry.thisUpdate } == true)
    }

    @Test func `an OCSP response counts from the issuer or from its responder only`() throws {
        #expect(try OCSPResponse(der: RevocationFixture.ocspOfAuthority).verify(issuer: authority) == authority)
        #expect(try OCSPResponse(der: RevocationFixture.ocspOfResponder).verify(issuer: authority) == responder)
        #expect(responder.hasNoCheck)
        #expect(throws: CryptographyError.self) {
            try OCSPResponse(der: RevocationFixture.ocspOfStranger).verify(issuer: authority)
        }
        #expect(throws: CryptographyError.self) {
            try OCSPResponse(der: RevocationFixture.ocspOfResponder).verify(issuer: good)
        }
        var changed = RevocationFixture.ocspOfResponder
        let serial = try #require(
            changed.indices.dropFirst(4).first { changed[($0 - 3)...$0] == [0x02, 0x01, 0x11, 0xA1] })
        changed[serial - 1] = 0x14
        #expect(throws: CryptographyError.self) { try OCSPResponse(der: changed).verify(issuer: authority) }
    }

    @Test func `a revocation list says good, or revoked with time and reason, for its own authority`() throws {
        let list = try RevocationList(der: RevocationFixture.list)
        let time = try #require(revocationTime)
        #expect(list.issuerDER == authority.subjectDER)
        #expect(try list.status(of: good, issuer: authority) == .good)
        #expect(try list.status(of: revoked, issuer: authority) == .revoked(at: time, reason: .keyCompromise))
        #expect(throws: CryptographyError.self) { try list.status(of: good, issuer: responder) }
        var changed = RevocationFixture.list
        changed[changed.count - 1] ^= 1
        let broken = try RevocationList(der: changed)
        #expect(throws: CryptographyError.self) { try broken.status(of: good, issuer: authority) }
    }

    @Test func `delta and indirect lists are refused, and a list for authorities says nothing about others`() throws {
        #expect(throws: CryptographyError.self) { try RevocationList(der: RevocationFixture.deltaList) }
        #expect(throws: CryptographyError.self) { try RevocationList(der: RevocationFixture.indirectList) }
        let list = try RevocationList(der: RevocationFixture.authoritiesOnlyList)
        #expect(throws: CryptographyError.self) { try list.status(of: good, issuer: authority) }
    }

    @Test func `changed and cut revocation data and certificates end in an error or a value`() throws {
        var random = SeededGenerator(7)
        for der in [
            RevocationFixture.ocspOfResponder, RevocationFixture.list, RevocationFixture.authoritiesOnlyList,
            RevocationFixture.goodDER,
        ] {
            for _ in 0..<400 {
                var bytes = der
                for _ in 0...Int.random(in: 0..<3, using: &random) {
                    bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
                }
                if Bool.random(using: &random) { bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random)) }
                if let response = try? OCSPResponse(der: bytes) {
                    _ = response.entry(for: good, issuer: authority)
                    _ = try? response.verify(issuer: authority)
                }
                _ = try? RevocationList(der: bytes).status(of: good, issuer: authority)
                if let certificate = try? Certificate(der: bytes) {
                    _ = try? CertificatePath.find(leaf: certificate, candidates: [], anchors: [authority], at: nil)
                }
                _ = SignatureAlgorithm(algorithmIdentifierDER: bytes)
            }
        }
    }

    @Test(arguments: [
        "30 0D 06 09 2A 86 48 86 F7 0D 01 01 05 05 00", "30 09 06 07 2A 86 48 CE 3D 04 01",
        "30 09 06 07 2A 86 48 CE 38 04 03", "30 0D 06 09 2A 86 48 86 F7 0D 01 01 0A 30 00",
    ])
    func `old algorithms are read and not signed with`(text: String) throws {
        let der = text.split(separator: " ").compactMap { UInt8($0, radix: 16) }
        let algorithm = try #require(SignatureAlgorithm(algorithmIdentifierDER: der))
        #expect(algorithm.digest == .sha1)
        #expect(!algorithm.isAllowedForSigning)
        let digest = DigestAlgorithm.sha1.digest(of: [1])
        #expect(throws: CryptographyError.self) {
            try PrivateKey.generate(.p256).sign(digest: digest, algorithm: algorithm)
        }
        #expect(!KeyKind.rsa(bits: 1024).isAllowedForSigning)
        #expect(throws: CryptographyError.self) { try PrivateKey.generate(.rsa(bits: 1024)) }
    }

    @Test(arguments: [SignatureAlgorithm.rsaPKCS1SHA256, .rsaPSSSHA256, .ecdsaSHA384, .ecdsaSHA512])
    func `an algorithm comes back from its identifier`(algorithm: SignatureAlgorithm) {
        #expect(SignatureAlgorithm(algorithmIdentifierDER: algorithm.algorithmIdentifierDER) == algorithm)
    }
}

/// xorshift64*, so that a failing case comes back.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func next() -> UInt64 {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return state &* 0x2545_F491_4F6C_DD1D
    }
}
