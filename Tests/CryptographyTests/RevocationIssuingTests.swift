// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Cryptography
import Testing

@Suite struct RevocationIssuingTests {
    private static let now = Instant(microseconds: 1_795_176_000_000_000)

    private struct Authority {
        let root: Certificate
        let rootKey: PrivateKey
        let responder: Certificate
        let responderKey: PrivateKey
        let leaf: Certificate

        init() throws {
            let first = now.advanced(bySeconds: -86_400)
            let last = now.advanced(bySeconds: 86_400 * 365)
            func builder(_ name: String, _ profile: CertificateBuilder.Profile) -> CertificateBuilder {
                CertificateBuilder(
                    subject: DistinguishedName(commonName: name), profile: profile, notBefore: first, notAfter: last)
            }
            rootKey = try PrivateKey.generate(.p256)
            root = try builder("Test root", .root).selfSigned(by: rootKey)
            responderKey = try PrivateKey.generate(.p256)
            responder = try builder("Test responder", .ocspResponder).issued(
                for: responderKey.publicKey(), by: root, key: rootKey)
            var seal = builder("Test seal", .documentSigning)
            seal.addresses = CertificateAddresses(
                ocsp: ["http://127.0.0.1:1/ocsp"], issuers: ["http://127.0.0.1:1/ca.cer"],
                revocationLists: ["http://127.0.0.1:1/a.crl", "http://127.0.0.1:1/b.crl"])
            leaf = try seal.issued(for: PrivateKey.generate(.p256).publicKey(), by: root, key: rootKey)
        }

        func answer(_ request: OCSPRequest, revoked: [RevokedCertificate] = []) throws -> OCSPResponse {
            let responder = try OCSPResponder(
                key: responderKey, certificate: responder, issuer: root, clock: BusinessClock { now },
                validitySeconds: 600)
            return try OCSPResponse(der: responder.response(to: request.der, revoked: revoked))
        }
    }

    @Test func `a certificate keeps the addresses of its status and its issuer`() throws {
        let authority = try Authority()
        #expect(authority.leaf.addresses.ocsp == ["http://127.0.0.1:1/ocsp"])
        #expect(authority.leaf.addresses.issuers == ["http://127.0.0.1:1/ca.cer"])
        #expect(
            authority.leaf.addresses.revocationLists == ["http://127.0.0.1:1/a.crl", "http://127.0.0.1:1/b.crl"])
        #expect(authority.root.addresses == CertificateAddresses())
    }

    @Test(arguments: [true, false])
    func `a responder calls its issuer's certificates good until they are revoked`(nonce: Bool) throws {
        let authority = try Authority()
        let request = try OCSPRequest(certificate: authority.leaf, issuer: authority.root, nonce: nonce)
        let good = try authority.answer(request)
        #expect(try good.verify(issuer: authority.root) == authority.responder)
        #expect(authority.responder.hasNoCheck && authority.responder.purposes == .ocspSigning)
        let entry = try #require(good.entry(for: authority.leaf, issuer: authority.root))
        #expect(entry.status == .good && entry.thisUpdate == Self.now)
        #expect(entry.nextUpdate == Self.now.advanced(bySeconds: 600))
        let since = Self.now.advanced(bySeconds: -60)
        let revoked = try authority.answer(
            request,
            revoked: [RevokedCertificate(serialDER: authority.leaf.serialDER, time: since, reason: .keyCompromise)])
        #expect(
            revoked.entry(for: authority.leaf, issuer: authority.root)?.status
                == .revoked(at: since, reason: .keyCompromise))
    }

    @Test func `a responder does not know the certificates of others and says when it cannot read`() throws {
        let authority = try Authority()
        let other = try Authority()
        let answer = try authority.answer(OCSPRequest(certificate: other.leaf, issuer: other.root, nonce: true))
        #expect(answer.entries.map(\.status) == [.unknown])
        let responder = try OCSPResponder(
            key: authority.rootKey, certificate: authority.root, issuer: authority.root,
            clock: BusinessClock { Self.now }, validitySeconds: 600)
        #expect(try OCSPResponse(der: responder.response(to: [0x30, 0], revoked: [])).status == .malformedRequest)
    }

    @Test func `a list names what is revoked, and why`() throws {
        let authority = try Authority()
        let other = try Authority()
        let since = Self.now.advanced(bySeconds: -60)
        var builder = RevocationListBuilder(
            thisUpdate: Self.now, nextUpdate: Self.now.advanced(bySeconds: 600), number: 7,
            entries: [
                RevokedCertificate(serialDER: authority.leaf.serialDER, time: since, reason: .superseded),
                RevokedCertificate(serialDER: other.leaf.serialDER, time: since, reason: .unspecified),
            ])
        let list = try RevocationList(der: builder.issued(by: authority.root, key: authority.rootKey))
        #expect(list.thisUpdate == Self.now && list.nextUpdate == Self.now.advanced(bySeconds: 600))
        #expect(
            try list.status(of: authority.leaf, issuer: authority.root) == .revoked(at: since, reason: .superseded))
        #expect(try list.status(of: authority.responder, issuer: authority.root) == .good)
        builder.entries = []
        let empty = try RevocationList(der: builder.issued(by: authority.root, key: authority.rootKey))
        #expect(try empty.status(of: authority.leaf, issuer: authority.root) == .good)
        #expect(throws: CryptographyError.self) { try builder.issued(by: authority.root, key: other.rootKey) }
    }
}
