// SPDX-License-Identifier: Apache-2.0
import Clocks
import Cryptography
import Testing

@Suite struct CertificateTests {
    private static let start = Instant(microseconds: 1_790_000_000_000_000)

    private struct Hierarchy {
        let root: Certificate
        let issuing: Certificate
        let leaf: Certificate
        let leafKey: PrivateKey
        let issuingKey: PrivateKey

        init(_ kind: KeyKind = .p256) throws {
            let rootKey = try PrivateKey.generate(kind)
            issuingKey = try PrivateKey.generate(kind)
            leafKey = try PrivateKey.generate(kind)
            root = try CertificateBuilder(
                subject: DistinguishedName(commonName: "Test Root", organization: "Test"), profile: .root,
                notBefore: start, notAfter: start.advanced(bySeconds: 4000)
            ).selfSigned(by: rootKey)
            issuing = try CertificateBuilder(
                subject: DistinguishedName(commonName: "Test Issuing", organization: "Test"),
                profile: .issuingAuthority, notBefore: start, notAfter: start.advanced(bySeconds: 3000)
            ).issued(for: issuingKey.publicKey(), by: root, key: rootKey)
            leaf = try CertificateBuilder(
                subject: DistinguishedName(commonName: "Žofie s.r.o.", organization: "Žofie", country: "CZ"),
                profile: .documentSigning, notBefore: start, notAfter: start.advanced(bySeconds: 2000)
            ).issued(for: leafKey.publicKey(), by: issuing, key: issuingKey)
        }
    }

    @Test(arguments: [KeyKind.rsa(bits: 2048), .p256])
    func `a leaf of the development authority has a valid path to its root`(kind: KeyKind) throws {
        let hierarchy = try Hierarchy(kind)
        let path = try CertificatePath.find(
            leaf: hierarchy.leaf, candidates: [hierarchy.issuing], anchors: [hierarchy.root],
            at: Self.start.advanced(bySeconds: 1000))
        #expect(path.certificates == [hierarchy.leaf, hierarchy.issuing, hierarchy.root])
    }

    @Test func `an issuing authority can be an anchor by itself`() throws {
        let hierarchy = try Hierarchy()
        let path = try CertificatePath.find(
            leaf: hierarchy.leaf, candidates: [], anchors: [hierarchy.issuing],
            at: Self.start.advanced(bySeconds: 1000))
        #expect(path.certificates == [hierarchy.leaf, hierarchy.issuing])
    }

    @Test func `a path is refused outside its validity, without its intermediate and for another root`() throws {
        let hierarchy = try Hierarchy()
        func fault(_ candidates: [Certificate], _ anchors: [Certificate], _ seconds: Double) -> ChainFault? {
            do {
                _ = try CertificatePath.find(
                    leaf: hierarchy.leaf, candidates: candidates, anchors: anchors,
                    at: Self.start.advanced(bySeconds: seconds))
                return nil
            } catch {
                guard case .untrustedChain(let fault) = error else { return nil }
                return fault
            }
        }
        #expect(fault([hierarchy.issuing], [hierarchy.root], 2500)?.kind == .outsideValidity)
        #expect(fault([hierarchy.issuing], [hierarchy.root], -10)?.kind == .outsideValidity)
        #expect(fault([], [hierarchy.root], 1000)?.kind == .noPath)
        #expect(fault([hierarchy.issuing], [], 1000)?.kind == .noPath)
        let other = try Hierarchy()
        #expect(fault([hierarchy.issuing], [other.root], 1000) != nil)
    }

    @Test func `a leaf cannot issue`() throws {
        let hierarchy = try Hierarchy()
        let builder = CertificateBuilder(
            subject: DistinguishedName(commonName: "x"), profile: .documentSigning, notBefore: Self.start,
            notAfter: Self.start.advanced(bySeconds: 10))
        #expect(throws: CryptographyError.self) {
            try builder.issued(for: hierarchy.leafKey.publicKey(), by: hierarchy.leaf, key: hierarchy.leafKey)
        }
        #expect(throws: CryptographyError.self) {
            try builder.issued(for: hierarchy.leafKey.publicKey(), by: hierarchy.issuing, key: hierarchy.leafKey)
        }
    }

    @Test func `the parts of a certificate can be read`() throws {
        let hierarchy = try Hierarchy()
        let leaf = hierarchy.leaf
        #expect(leaf.subject == DistinguishedName(commonName: "Žofie s.r.o.", organization: "Žofie", country: "CZ"))
        #expect(leaf.issuer.commonName == "Test Issuing")
        #expect(leaf.issuerDER == hierarchy.issuing.subjectDER)
        #expect(leaf.notBefore == Self.start)
        #expect(leaf.notAfter == Self.start.advanced(bySeconds: 2000))
        #expect(leaf.keyUsage == [.digitalSignature, .nonRepudiation])
        #expect(!leaf.isAuthority)
        #expect(hierarchy.issuing.isAuthority)
        #expect(leaf.serialDER.prefix(2) == [0x02, 0x10])
        #expect(leaf.serialDER != hierarchy.issuing.serialDER)
        #expect(leaf.subjectKeyIdentifier?.count == 20)
        #expect(try leaf.publicKey == hierarchy.leafKey.publicKey())
        #expect(leaf.sha256 == SHA256.digest(of: leaf.der))
        #expect(hierarchy.root.isSelfSigned)
        #expect(!leaf.isSelfSigned)
        #expect(leaf.isSigned(by: hierarchy.issuing.publicKey))
    }

    @Test func `certificates come back from PEM in their order`() throws {
        let hierarchy = try Hierarchy()
        let chain = [hierarchy.leaf, hierarchy.issuing, hierarchy.root]
        let pem = try Certificate.pem(chain)
        #expect(try Certificate.certificates(pem: pem) == chain)
        #expect(try Certificate.certificates(pem: hierarchy.leafKey.pem() + pem) == chain)
    }

    @Test func `text without a certificate or with a broken one is refused`() throws {
        let pem = try Certificate.pem([Hierarchy().leaf])
        #expect(throws: CryptographyError.unreadableCertificate) { try Certificate.certificates(pem: []) }
        #expect(throws: CryptographyError.unreadableCertificate) {
            try Certificate.certificates(pem: Array("hello".utf8))
        }
        var broken = pem
        broken[60] = broken[60] == 65 ? 66 : 65
        broken.removeSubrange(80..<120)
        #expect(throws: CryptographyError.unreadableCertificate) { try Certificate.certificates(pem: pem + broken) }
    }

    @Test func `truncated, longer and random bytes are no certificate`() throws {
        let der = try Hierarchy().leaf.der
        for length in stride(from: 0, to: der.count, by: 7) {
            #expect(throws: CryptographyError.self) { try Certificate(der: Array(der.prefix(length))) }
        }
        #expect(throws: CryptographyError.unreadableCertificate) { try Certificate(der: der + [0]) }
        #expect(throws: CryptographyError.unreadableCertificate) { try Certificate(der: SecureRandom.bytes(500)) }
    }

    @Test func `a name too long for a certificate is refused`() throws {
        let key = try PrivateKey.generate(.p256)
        let builder = CertificateBuilder(
            subject: DistinguishedName(commonName: String(repeating: "x", count: 65)), profile: .root,
            notBefore: Self.start, notAfter: Self.start.advanced(bySeconds: 10))
        #expect(throws: CryptographyError.self) { try builder.selfSigned(by: key) }
    }

    @Test func `algorithm identifiers are those of their RFCs`() {
        #expect(SignatureAlgorithm.rsaPKCS1SHA256.algorithmIdentifierDER.count == 15)
        let pss = SignatureAlgorithm.rsaPSSSHA256.algorithmIdentifierDER
        #expect(pss.count == Int(pss[1]) + 2)
        #expect(pss.suffix(5) == [0xA2, 0x03, 0x02, 0x01, 0x20])
    }
}
