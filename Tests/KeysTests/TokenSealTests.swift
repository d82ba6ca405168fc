// SPDX-License-Identifier: Apache-2.0
import Clocks
import Cryptography
import Foundation
import PKCS11
import TestSupport
import Testing

@testable import Keys

/// One after the other: making a token makes the module look anew.
@Suite(.serialized, .enabled(if: TestToken.isInstalled, "softhsm2 is not installed"))
struct TokenSealTests {
    /// An installation and a tenant's key, known to it by its certificate only.
    private struct Stage {
        let installation: KeyInstallation
        let tenant: UUID
        let token: TestToken
        let chain: [UInt8]
        let certificate: Certificate

        init(_ label: String, kind: KeyKind = .p256) throws {
            installation = try KeyInstallation()
            tenant = installation.ids.next()
            token = try TestToken(label)
            let key = try PrivateKey.generate(kind)
            let rootKey = try PrivateKey.generate(.p256)
            func builder(_ name: String, _ profile: CertificateBuilder.Profile) -> CertificateBuilder {
                CertificateBuilder(
                    subject: DistinguishedName(commonName: name), profile: profile,
                    notBefore: KeyInstallation.start, notAfter: KeyInstallation.start.advanced(bySeconds: 10_000))
            }
            let root = try builder("Root", .root).selfSigned(by: rootKey)
            certificate = try builder("Seal", .documentSigning).issued(
                for: key.publicKey(), by: root, key: rootKey)
            chain = try Certificate.pem([certificate, root])
            try token.importKey(key.pem(), label: "seal", id: 1)
        }

        func staged(_ key: String = "seal") async throws -> UUID {
            try await installation.keys.importSeal(tenant: tenant, tokenURI: token.uri(key), chainPEM: chain)
        }

        func activated() async throws -> UUID {
            let id = try await staged()
            try installation.keys.noteTrial(tenant: tenant, keyID: id)
            try installation.keys.activate(
                tenant: tenant, keyID: id, KeyNote(at: KeyInstallation.start, by: "test"))
            return id
        }

        func store() throws -> SigningKeyStore { try installation.store("signer").signingKeys() }

        func isSigning(_ seal: TenantSeal) async throws -> Bool {
            let digest = SHA256.digest(of: [1, 2, 3])
            let signature = try await seal.sign(digest: digest)
            return certificate.publicKey.isValid(signature: signature, digest: digest, algorithm: seal.algorithm)
        }
    }

    @Test func `SIG-06, SIG-14: a seal in a token signs after its cutover, and no key is in the store`() async throws {
        let stage = try Stage("seal-life")
        let id = try await stage.staged()
        #expect(throws: KeysError.noSeal(tenant: stage.tenant)) { try stage.store().signer(tenant: stage.tenant) }
        try stage.installation.keys.noteTrial(tenant: stage.tenant, keyID: id)
        let note = KeyNote(at: KeyInstallation.start, by: "test", reason: "a test")
        try stage.installation.keys.activate(tenant: stage.tenant, keyID: id, note)
        let store = try stage.store()
        let seal = try store.signer(tenant: stage.tenant)
        #expect(seal.tokenURI == stage.token.uri("seal"))
        #expect(try await stage.isSigning(seal))
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<40 { group.addTask { try await stage.isSigning(seal) } }
            for try await isGood in group { #expect(isGood) }
        }
        try stage.installation.keys.move(tenant: stage.tenant, keyID: id, to: .compromised, note)
        #expect(throws: KeysError.noSeal(tenant: stage.tenant)) { try store.signer(tenant: stage.tenant) }
        try stage.installation.keys.destroy(tenant: stage.tenant, keyID: id, note)
        let folder = "\(stage.installation.root)/signer/seals/\(stage.tenant.uuidString.lowercased())"
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(id.uuidString.lowercased())")
                == ["chain.pem"])
    }

    @Test func `SIG-06: a token's key that may do more than sign is not taken`() async throws {
        // softhsm2-util lets an imported RSA key decrypt and unwrap.
        let stage = try Stage("seal-uses", kind: .rsa(bits: 2048))
        let error = await #expect(throws: KeysError.self) { try await stage.staged() }
        #expect("\(try #require(error))".contains("more than sign"))
        #expect(try stage.store().tenants() == [])
    }

    @Test func `a key that is not the certificate's, is missing, or has no PIN is refused by name`() async throws {
        let stage = try Stage("seal-other")
        try stage.token.importKey(try PrivateKey.generate(.p256).pem(), label: "other", id: 2)
        let other = await #expect(throws: KeysError.self) { try await stage.staged("other") }
        #expect("\(try #require(other))".contains("first certificate"))
        await #expect(throws: KeysError.token(.keyMissing)) { try await stage.staged("nobody") }
        await #expect(throws: KeysError.token(.pinMissing)) {
            // The sessions above are logged in, and that counts for all of the process: another copy of the module.
            let fresh = try TestToken("seal-bare")
            _ = try await stage.installation.keys.importSeal(
                tenant: stage.tenant, tokenURI: fresh.uri("seal").split(separator: "&")[0].description,
                chainPEM: stage.chain)
        }
        #expect(try stage.store().tenants() == [])
    }

    @Test func `a wrong PIN is tried once, and the right one when the file was changed`() async throws {
        let stage = try Stage("seal-pin")
        try stage.token.changePINFile(to: "0000")
        for _ in 0..<20 {
            await #expect(throws: KeysError.token(.pinRefused)) { try await stage.staged() }
        }
        try stage.token.changePINFile(to: TestToken.pin)
        _ = try await stage.staged()
    }

    @Test func `SIG-08: the way to a tenant's key in a token does not open for another tenant`() async throws {
        let stage = try Stage("seal-owner")
        _ = try await stage.activated()
        let other = stage.installation.ids.next()
        let seals = "\(stage.installation.root)/signer/seals"
        try FileManager.default.copyItem(
            atPath: "\(seals)/\(stage.tenant.uuidString.lowercased())",
            toPath: "\(seals)/\(other.uuidString.lowercased())")
        #expect(throws: KeysError.self) { try stage.store().signer(tenant: other) }
    }
}
