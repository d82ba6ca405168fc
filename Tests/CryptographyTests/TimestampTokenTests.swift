// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Cryptography
import Testing

@Suite struct TimestampTokenTests {
    private static let now = Instant(microseconds: 1_795_176_000_123_000)
    private static let policy = "1.3.6.1.4.1.99999.1"

    struct Authority: Sendable {
        let issuer: Certificate
        let certificate: Certificate
        let responder: TimestampResponder

        init(_ kind: KeyKind = .p256, time: Instant = now) throws {
            let first = time.advanced(bySeconds: -86_400)
            let last = time.advanced(bySeconds: 86_400 * 365)
            let issuerKey = try PrivateKey.generate(.p256)
            issuer = try CertificateBuilder(
                subject: DistinguishedName(commonName: "Test root"), profile: .root, notBefore: first, notAfter: last
            ).selfSigned(by: issuerKey)
            let key = try PrivateKey.generate(kind)
            certificate = try CertificateBuilder(
                subject: DistinguishedName(commonName: "Test TSA"), profile: .timestamping, notBefore: first,
                notAfter: last
            ).issued(for: key.publicKey(), by: issuer, key: issuerKey)
            responder = try TimestampResponder(
                key: key, certificate: certificate, issuers: [issuer], policy: policy,
                clock: BusinessClock { time })
        }

        func token(_ request: TimestampRequest) throws -> TimestampToken {
            try TimestampToken(der: #require(try TimestampResponse(der: responder.response(to: request.der)).tokenDER))
        }
    }

    @Test(arguments: [KeyKind.p256, .p384, .rsa(bits: 2048)], DigestAlgorithm.allCases.filter(\.isAllowedForSigning))
    func `a token says when, what, by whom and for which request`(kind: KeyKind, algorithm: DigestAlgorithm) throws {
        let authority = try Authority(kind)
        let imprint = algorithm.digest(of: Array("stamped".utf8))
        let request = try TimestampRequest(algorithm: algorithm, imprint: imprint, policy: Self.policy)
        let token = try authority.token(request)
        #expect(token.time == Self.now)
        #expect(token.accuracySeconds == 1)
        #expect(token.imprintAlgorithm == algorithm && token.imprint == imprint)
        #expect(token.policy == Self.policy)
        #expect(token.nonceDER == request.nonceDER)
        #expect(token.serialDER.count > 8)
        #expect(token.signer == authority.certificate && token.certificates.contains(authority.issuer))
        #expect(token.namesSigner && token.signer?.isTimestampingCertificate == true)
        #expect(!authority.issuer.isTimestampingCertificate)
        #expect(token.verifySignature())
    }

    @Test func `zeros behind a token are not part of it, anything else makes it unreadable`() throws {
        let authority = try Authority()
        let token = try authority.token(TimestampRequest(algorithm: .sha256, imprint: SHA256.digest(of: [])))
        #expect(try TimestampToken(der: token.der + [0, 0, 0]) == token)
        #expect(throws: CryptographyError.unreadableTimestamp) { try TimestampToken(der: token.der + [0, 1]) }
    }

    @Test func `no changed byte leaves the token readable, equal and verified`() throws {
        let authority = try Authority()
        let token = try authority.token(TimestampRequest(algorithm: .sha256, imprint: SHA256.digest(of: [])))
        for index in token.der.indices {
            var changed = token.der
            changed[index] ^= 0x21
            guard let read = try? TimestampToken(der: changed), read.verifySignature() else { continue }
            // Embedded certificates and unsigned parts are not signed; what the token says is.
            #expect(read.time == token.time && read.imprint == token.imprint && read.policy == token.policy)
        }
    }

    @Test func `truncated, oversized and random input is unreadable`() throws {
        let authority = try Authority()
        let token = try authority.token(TimestampRequest(algorithm: .sha256, imprint: SHA256.digest(of: []))).der
        for length in stride(from: 0, to: token.count, by: 7) {
            #expect(throws: CryptographyError.unreadableTimestamp) { try TimestampToken(der: Array(token[..<length])) }
        }
        let oversized = token + [UInt8](repeating: 0, count: TimestampToken.maximumBytes)
        #expect(throws: CryptographyError.unreadableTimestamp) { try TimestampToken(der: oversized) }
        for count in [1, 10, 100, 5_000] {
            #expect(throws: CryptographyError.unreadableTimestamp) {
                try TimestampToken(der: SecureRandom.bytes(count))
            }
            #expect(throws: CryptographyError.unreadableTimestamp) {
                try TimestampResponse(der: [0x30] + SecureRandom.bytes(count))
            }
        }
    }

    @Test func `a request that cannot be granted gets a refusal with its reason`() throws {
        let authority = try Authority()
        let request = try TimestampRequest(algorithm: .sha256, imprint: SHA256.digest(of: []), policy: "1.2.3.4")
        let refusal = try TimestampResponse(der: authority.responder.response(to: request.der))
        #expect(!refusal.isGranted && refusal.failure == 15 && refusal.tokenDER == nil)
        let garbage = try TimestampResponse(der: authority.responder.response(to: [1, 2, 3]))
        #expect(!garbage.isGranted && garbage.tokenDER == nil)
    }

    @Test func `a request has the imprint's length and a readable policy`() {
        #expect(throws: CryptographyError.self) { try TimestampRequest(algorithm: .sha384, imprint: [1]) }
        #expect(throws: CryptographyError.self) {
            try TimestampRequest(algorithm: .sha256, imprint: SHA256.digest(of: []), policy: "no policy")
        }
    }
}
