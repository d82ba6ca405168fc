// SPDX-License-Identifier: Apache-2.0
import Clocks
import Cryptography
import Foundation
import Testing

@testable import Keys

@Suite struct TenantSealTests {
    @Test func `signer signs with a tenant's seal, whose chain leads to the installation's root`() async throws {
        let installation = try KeyInstallation()
        let tenant = installation.ids.next()
        try installation.keys.addTenant(tenant, organization: String(repeating: "Long ", count: 30))
        let seal = try installation.store("signer").signingKeys().signer(tenant: tenant)
        let digest = SHA256.digest(of: [1, 2, 3])
        let signature = try await seal.sign(digest: digest)
        #expect(seal.algorithm == .rsaPKCS1SHA256)
        #expect(
            seal.certificate.publicKey.isValid(signature: signature, digest: digest, algorithm: seal.algorithm))
        let path = try CertificatePath.find(
            leaf: seal.certificate, candidates: Array(seal.chain.dropFirst()),
            anchors: [installation.keys.rootCertificate], at: KeyInstallation.start)
        #expect(path.certificates.count == 3)
        #expect(seal.expiresAt > KeyInstallation.start.advanced(bySeconds: 365 * 86_400))
        #expect(seal.certificate.keyUsage == [.digitalSignature, .nonRepudiation])
    }

    @Test func `a tenant without a seal is refused by name`() throws {
        let installation = try KeyInstallation()
        let tenant = installation.ids.next()
        let store = try installation.store("signer").signingKeys()
        #expect(throws: KeysError.noSeal(tenant: tenant)) { try store.signer(tenant: tenant) }
        #expect(try store.tenants() == [])
        let other = try installation.tenant()
        #expect(try store.tenants() == [other])
    }

    @Test func `one's own key and chain can be imported, and sign after their trial and cutover`() throws {
        let installation = try KeyInstallation()
        let tenant = installation.ids.next()
        let (key, chain) = try ownSeal()
        let id = try installation.keys.importSeal(
            tenant: tenant, keyPEM: key.pem(), chainPEM: Certificate.pem(chain))
        #expect(throws: KeysError.noSeal(tenant: tenant)) {
            try installation.store("signer").signingKeys().signer(tenant: tenant)
        }
        try installation.keys.noteTrial(tenant: tenant, keyID: id)
        try installation.keys.activate(tenant: tenant, keyID: id, KeyNote(at: KeyInstallation.start, by: "test"))
        let seal = try installation.store("signer").signingKeys().signer(tenant: tenant)
        #expect(seal.chain == chain)
        #expect(seal.algorithm == .ecdsaSHA384)
        #expect(try installation.store("intake").dataKeys(ids: installation.ids).hasTenantKey(tenant))
    }

    @Test func `a key that is not the certificate's, a chain out of order and expired ones are refused`() throws {
        let installation = try KeyInstallation()
        let (key, chain) = try ownSeal()
        let keyPEM = try key.pem()
        let chainPEM = try Certificate.pem(chain)
        let tenant = installation.ids.next()
        func isRefused(_ key: [UInt8], _ chain: [UInt8]) -> Bool {
            do throws(KeysError) {
                _ = try installation.keys.importSeal(tenant: tenant, keyPEM: key, chainPEM: chain)
                return false
            } catch {
                guard case .unusableSeal = error else { return false }
                return true
            }
        }
        #expect(try isRefused(PrivateKey.generate(.p384).pem(), chainPEM))
        #expect(try isRefused(keyPEM, Certificate.pem(chain.reversed())))
        #expect(try isRefused(keyPEM, Certificate.pem([chain[0], chain[0]])))
        #expect(isRefused(Array("no key".utf8), chainPEM))
        #expect(isRefused(keyPEM, keyPEM))
        installation.clock.advance(bySeconds: 20_000)
        #expect(isRefused(keyPEM, chainPEM))
        #expect(try installation.store("signer").signingKeys().tenants() == [])
    }

    @Test func `a seal's key file does not open for another tenant`() throws {
        let installation = try KeyInstallation()
        let tenant = try installation.tenant()
        let other = installation.ids.next()
        let seals = "\(installation.root)/signer/seals"
        try FileManager.default.copyItem(
            atPath: "\(seals)/\(tenant.uuidString.lowercased())", toPath: "\(seals)/\(other.uuidString.lowercased())")
        let store = try installation.store("signer").signingKeys()
        #expect(throws: KeysError.self) { try store.signer(tenant: other) }
    }

    private func ownSeal() throws -> (PrivateKey, [Certificate]) {
        let rootKey = try PrivateKey.generate(.p384)
        let key = try PrivateKey.generate(.p384)
        let end = KeyInstallation.start.advanced(bySeconds: 10_000)
        let root = try CertificateBuilder(
            subject: DistinguishedName(commonName: "Own root"), profile: .root, notBefore: KeyInstallation.start,
            notAfter: end
        ).selfSigned(by: rootKey)
        let leaf = try CertificateBuilder(
            subject: DistinguishedName(commonName: "Own"), profile: .documentSigning, notBefore: KeyInstallation.start,
            notAfter: end
        ).issued(for: key.publicKey(), by: root, key: rootKey)
        return (key, [leaf, root])
    }
}
