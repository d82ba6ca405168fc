// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import CPKCS11
import Clocks
import Cryptography
import TestSupport
import Testing

@testable import PKCS11

/// One after the other: some of them end the module's sessions, which are the process's.
@Suite(.serialized, .enabled(if: TestToken.isInstalled, "softhsm2 is not installed"))
struct PKCS11KeyTests {
    private static let pin = Array(SoftToken.pin.utf8)

    /// SubjectPublicKeyInfo of a key that was made in the token.
    private func publicKey(_ token: SoftToken, _ object: ck_object_handle_t) throws -> PublicKey {
        let modulus = token.value(CKA_MODULUS, of: object)
        if modulus.code == CKR_OK {
            let rsa = DER.sequence(DER.element(0x02, [0] + modulus.bytes), DER.element(0x02, [1, 0, 1]))
            let identifier = DER.sequence(
                [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01], [0x05, 0x00])
            return try PublicKey(
                subjectPublicKeyInfoDER: DER.sequence(identifier, DER.element(0x03, [0] + rsa)))
        }
        // CKA_EC_POINT is the point inside an OCTET STRING.
        let point = token.value(CKA_EC_POINT, of: object).bytes
        let header = point.count > 129 ? 3 : 2
        let identifier = DER.sequence(
            [0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01], token.value(CKA_EC_PARAMS, of: object).bytes)
        return try PublicKey(
            subjectPublicKeyInfoDER: DER.sequence(identifier, DER.element(0x03, [0] + point.dropFirst(header))))
    }

    @Test func `SIG-06: a digest is signed in the token by every algorithm that the key's kind has`() async throws {
        let token = try SoftToken("algorithms")
        let kinds: [(SoftToken.Kind, KeyKind, [SignatureAlgorithm.Scheme])] = [
            (.rsa(2048), .rsa(bits: 2048), [.rsaPKCS1, .rsaPSS]), (.p256, .p256, [.ecdsa]), (.p384, .p384, [.ecdsa]),
            (.p521, .p521, [.ecdsa]),
        ]
        for (number, (kind, expected, schemes)) in kinds.enumerated() {
            let made = try token.makeKey("key\(number)", kind, id: UInt8(number))
            let verifier = try publicKey(token, made.publicKey)
            let key = try await PKCS11Key(uri: try token.uri("key\(number)"), pin: Self.pin)
            #expect(key.kind == expected && key.otherUses.isEmpty && key.certificates.isEmpty)
            for scheme in schemes {
                for digestAlgorithm in [DigestAlgorithm.sha256, .sha384, .sha512] {
                    let algorithm = SignatureAlgorithm(scheme: scheme, digest: digestAlgorithm)
                    let digest = digestAlgorithm.digest(of: Array("what is signed".utf8))
                    let signature = try await key.sign(digest: digest, algorithm: algorithm)
                    #expect(
                        verifier.isValid(signature: signature, digest: digest, algorithm: algorithm), "\(algorithm)")
                }
            }
        }
    }

    @Test func `SIG-06: a signing key does not decrypt, wrap, unwrap or leave the token`() throws {
        let token = try SoftToken("signing-only")
        let key = try token.makeKey("seal", .rsa(2048), id: 1).privateKey
        #expect(token.decryptCode(key) == CKR_KEY_FUNCTION_NOT_PERMITTED)
        #expect(token.unwrapCode(key) == CKR_KEY_FUNCTION_NOT_PERMITTED)
        #expect(try token.wrapCode(key) == CKR_KEY_UNEXTRACTABLE)
        #expect(token.makeExtractableCode(key) != CKR_OK)
        for secret in [CKA_PRIVATE_EXPONENT, CKA_PRIME_1, CKA_PRIME_2, CKA_COEFFICIENT] {
            #expect(token.value(secret, of: key).code == CKR_ATTRIBUTE_SENSITIVE)
        }
    }

    @Test(
        arguments: [
            (CKA_SIGN, false, "CKA_SIGN"), (CKA_SENSITIVE, false, "CKA_SENSITIVE"),
            (CKA_EXTRACTABLE, true, "CKA_EXTRACTABLE"),
        ])
    func `SIG-06: a key that could leave the token, or not sign, is refused by name`(
        attribute: UInt, isSet: Bool, name: String
    ) async throws {
        let token = try SoftToken("unsafe-\(name)")
        try token.makeKey("weak", .p256, id: 1, changed: [attribute: isSet])
        let error = await #expect(throws: PKCS11Error.self) {
            try await PKCS11Key(uri: try token.uri("weak"), pin: Self.pin)
        }
        guard case .keyUnsafe(let reason) = try #require(error) else {
            Issue.record("\(error.debugDescription)")
            return
        }
        #expect(reason.contains(name) && error?.isRetriable == false)
    }

    @Test func `further uses of a key are told`() async throws {
        let token = try SoftToken("uses")
        try token.makeKey("wide", .rsa(2048), id: 1, changed: [CKA_DECRYPT: true, CKA_UNWRAP: true])
        let key = try await PKCS11Key(uri: try token.uri("wide"), pin: Self.pin)
        #expect(key.otherUses == ["decrypt", "unwrap keys"])
    }

    @Test func `token and key have to be the only ones that fit`() async throws {
        let token = try SoftToken("several")
        try token.makeKey("twin", .p256, id: 1)
        try token.makeKey("twin", .p256, id: 2)
        await #expect(throws: PKCS11Error.keyAmbiguous) {
            try await PKCS11Key(uri: try token.uri("twin"), pin: Self.pin)
        }
        await #expect(throws: PKCS11Error.keyMissing) {
            try await PKCS11Key(uri: try token.uri("nobody"), pin: Self.pin)
        }
        let module = "module-path=\(SoftToken.modulePath)"
        let one = try PKCS11URI("pkcs11:token=several;object=twin;id=%02?\(module)")
        #expect(try await PKCS11Key(uri: one, pin: Self.pin).kind == .p256)
        let absent = await #expect(throws: PKCS11Error.tokenMissing) {
            try await PKCS11Key(uri: try PKCS11URI("pkcs11:token=absent?\(module)"), pin: Self.pin)
        }
        #expect(absent?.isRetriable == true)
        let other = try SoftToken("another")
        let error = await #expect(throws: PKCS11Error.self) {
            try await PKCS11Key(uri: try PKCS11URI("pkcs11:manufacturer=SoftHSM%20project?\(module)"), pin: Self.pin)
        }
        guard case .tokenAmbiguous = try #require(error) else {
            Issue.record("\(error.debugDescription) with \(other.label)")
            return
        }
    }

    @Test func `a wrong PIN is tried once`() async throws {
        let token = try SoftToken("pin")
        try token.makeKey("key", .p256, id: 1)
        // The login of the token's own session would count for all.
        _ = token.functions.pointee.C_Finalize(nil)
        let access = try TokenAccess(uri: try token.uri("key"), pin: Array("0000".utf8))
        #expect(throws: PKCS11Error.pinRefused) { try access.openSession() }
        let good = try await PKCS11Key(uri: try token.uri("key"), pin: Self.pin)
        // With the token logged in, a second try would pass; it is not made.
        #expect(throws: PKCS11Error.pinRefused) { try access.openSession() }
        let digest = [UInt8](repeating: 1, count: 32)
        #expect(try await !good.sign(digest: digest, algorithm: .ecdsaSHA256).isEmpty)
        _ = token.functions.pointee.C_Finalize(nil)
        await #expect(throws: PKCS11Error.pinMissing) { try await PKCS11Key(uri: try token.uri("key"), pin: nil) }
    }

    @Test func `a PIN that was refused is refused to every key of the token, and another is tried`() async throws {
        let token = try SoftToken("shared-pin")
        for (number, name) in ["one", "two"].enumerated() { try token.makeKey(name, .p256, id: UInt8(number)) }
        for _ in 0..<20 {
            for name in ["one", "two"] {
                _ = token.functions.pointee.C_Finalize(nil)
                await #expect(throws: PKCS11Error.pinRefused) {
                    try await PKCS11Key(uri: try token.uri(name), pin: Array("0000".utf8))
                }
            }
        }
        #expect(try await PKCS11Key(uri: try token.uri("two"), pin: Self.pin).kind == .p256)
    }

    @Test func `sessions that were closed, or a module that was restarted, are opened anew`() async throws {
        let token = try SoftToken("loss")
        let made = try token.makeKey("key", .p256, id: 1)
        let verifier = try publicKey(token, made.publicKey)
        let key = try await PKCS11Key(uri: try token.uri("key"), pin: Self.pin, sessions: 2)
        let digest = [UInt8](repeating: 2, count: 32)
        let slot = try PKCS11Module.load(SoftToken.modulePath).slot(of: SoftToken.attributes("loss")).slot
        for cut in 0..<6 {
            let signature = try await key.sign(digest: digest, algorithm: .ecdsaSHA256)
            #expect(verifier.isValid(signature: signature, digest: digest, algorithm: .ecdsaSHA256))
            let code =
                cut.isMultiple(of: 2)
                ? token.functions.pointee.C_CloseAllSessions(slot) : token.functions.pointee.C_Finalize(nil)
            #expect(code == CKR_OK)
        }
    }

    @Test func `many signatures at once share a few sessions`() async throws {
        let token = try SoftToken("parallel")
        let made = try token.makeKey("key", .p256, id: 1)
        let verifier = try publicKey(token, made.publicKey)
        let key = try await PKCS11Key(uri: try token.uri("key"), pin: Self.pin, sessions: 3)
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<60 {
                group.addTask {
                    let digest = SHA256.digest(of: [UInt8(number)])
                    let signature = try await key.sign(digest: digest, algorithm: .ecdsaSHA256)
                    return verifier.isValid(signature: signature, digest: digest, algorithm: .ecdsaSHA256)
                }
            }
            for try await isGood in group { #expect(isGood) }
        }
    }

    @Test func `the key's certificate and its issuers are found on the token, in order`() async throws {
        let token = try SoftToken("certificates")
        let made = try token.makeKey("key", .p256, id: 9)
        let start = Instant(secondsSince1970: 1_700_000_000)
        let rootKey = try PrivateKey.generate(.p256)
        let root = try CertificateBuilder(
            subject: DistinguishedName(commonName: "Root"), profile: .root, notBefore: start,
            notAfter: start.advanced(bySeconds: 1e9)
        ).selfSigned(by: rootKey)
        let leaf = try CertificateBuilder(
            subject: DistinguishedName(commonName: "Signer"), profile: .documentSigning, notBefore: start,
            notAfter: start.advanced(bySeconds: 1e8)
        ).issued(for: try publicKey(token, made.publicKey), by: root, key: rootKey)
        try token.storeCertificate(root.der, subject: root.subjectDER, id: 1)
        try token.storeCertificate(leaf.der, subject: leaf.subjectDER, id: 9)
        try token.storeCertificate([0x30, 0x00], subject: leaf.subjectDER, id: 9)
        let key = try await PKCS11Key(uri: try token.uri("key"), pin: Self.pin)
        #expect(key.certificates == [leaf, root])
    }

    @Test(arguments: ["/nonexistent/module.so", "/etc/hostname", "libc.so.6"])
    func `what is no PKCS 11 module is refused with its path`(path: String) async throws {
        let error = await #expect(throws: PKCS11Error.self) {
            try await PKCS11Key(uri: try PKCS11URI("pkcs11:?module-path=\(path)"), pin: nil)
        }
        guard case .moduleUnusable(path, _) = try #require(error) else {
            Issue.record("\(error.debugDescription)")
            return
        }
    }
}
