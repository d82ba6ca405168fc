// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Cryptography
import Testing

@Suite struct PrivateKeyTests {
    @Test(arguments: [
        (KeyKind.rsa(bits: 2048), SignatureAlgorithm.rsaPKCS1SHA256), (.rsa(bits: 2048), .rsaPSSSHA256),
        (.rsa(bits: 3072), SignatureAlgorithm(scheme: .rsaPKCS1, digest: .sha512)),
        (.rsa(bits: 2048), SignatureAlgorithm(scheme: .rsaPSS, digest: .sha384)), (.p256, .ecdsaSHA256),
        (.p384, .ecdsaSHA384), (.p521, .ecdsaSHA512),
    ])
    func `a signature is valid for its digest and key only`(kind: KeyKind, algorithm: SignatureAlgorithm) throws {
        let key = try PrivateKey.generate(kind)
        let digest = algorithm.digest.digest(of: [1, 2, 3])
        let signature = try key.sign(digest: digest, algorithm: algorithm)
        let publicKey = try key.publicKey()
        #expect(publicKey.isValid(signature: signature, digest: digest, algorithm: algorithm))
        #expect(
            !publicKey.isValid(
                signature: signature, digest: algorithm.digest.digest(of: [1, 2, 4]), algorithm: algorithm))
        #expect(!publicKey.isValid(signature: Array(signature.dropLast()), digest: digest, algorithm: algorithm))
        let other = try PrivateKey.generate(.p256).publicKey()
        #expect(!other.isValid(signature: signature, digest: digest, algorithm: algorithm))
    }

    @Test func `PKCS#1 v1.5 gives the same bytes each time`() throws {
        let key = try PrivateKey.generate(.rsa(bits: 2048))
        let digest = SHA256.digest(of: [1])
        #expect(
            try key.sign(digest: digest, algorithm: .rsaPKCS1SHA256)
                == key.sign(digest: digest, algorithm: .rsaPKCS1SHA256))
    }

    @Test func `one key signs for several tasks at once`() async throws {
        let key = try PrivateKey.generate(.rsa(bits: 2048))
        let publicKey = try key.publicKey()
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<64 {
                group.addTask {
                    let digest = SHA256.digest(of: [UInt8(number)])
                    let signature = try key.sign(digest: digest, algorithm: .rsaPKCS1SHA256)
                    return publicKey.isValid(signature: signature, digest: digest, algorithm: .rsaPKCS1SHA256)
                }
            }
            for try await isValid in group { #expect(isValid) }
        }
    }

    @Test func `a key refuses algorithms of another kind and digests of another length`() throws {
        let key = try PrivateKey.generate(.p256)
        #expect(throws: CryptographyError.self) {
            try key.sign(digest: SHA256.digest(of: [1]), algorithm: .rsaPKCS1SHA256)
        }
        #expect(throws: CryptographyError.self) { try key.sign(digest: [1, 2], algorithm: .ecdsaSHA256) }
        #expect(throws: CryptographyError.self) { try key.sign(ed25519Message: [1]) }
        #expect(throws: CryptographyError.self) { try PrivateKey.generate(.rsa(bits: 1024)) }
    }

    @Test(arguments: [KeyKind.rsa(bits: 2048), .p256, .p384, .p521, .ed25519])
    func `a key comes back from its PEM`(kind: KeyKind) throws {
        let key = try PrivateKey.generate(kind)
        let copy = try PrivateKey(pem: key.pem())
        #expect(copy.kind == kind)
        #expect(try copy.publicKey() == key.publicKey())
    }

    @Test(arguments: ["", "nonsense", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
    func `text that is no key is refused`(text: String) {
        #expect(throws: CryptographyError.unreadableKey) { try PrivateKey(pem: Array(text.utf8)) }
    }

    @Test func `an encrypted PEM without its pass phrase is refused and not asked for`() throws {
        let text = """
            -----BEGIN ENCRYPTED PRIVATE KEY-----
            MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAiPquYAAokG/QICCAAw
            DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEDBdUG9LPc+LeC2j+vseLEEEgZDN
            ueMx0SPMzFTwYVYKFKSrFIl5vf4hdjQq5E0dn6nsVvtJObZZxdYppfEpofhdk1IR
            JZqlz/RZlBFMy7aISnBNdbAp/O5nhAYU+9pW4DEVN5N/WqNoZO+hpBw9fC0gvbpr
            xJ4pDktpQdPCk/ZxIruiyBGjqycg/j32L8C/JAmDR+tN5FClJZvUePEFpAYU1kw=
            -----END ENCRYPTED PRIVATE KEY-----

            """
        #expect(throws: CryptographyError.unreadableKey) { try PrivateKey(pem: Array(text.utf8)) }
        #expect(throws: CryptographyError.unreadableKey) {
            try PrivateKey(pem: Array(text.utf8), passphrase: "another")
        }
        #expect(try PrivateKey(pem: Array(text.utf8), passphrase: "open sesame").kind == .p256)
    }

    @Test func `Ed25519 gives the signature of RFC 8032, 7.1 test 2`() throws {
        let seed = try #require(Hex.decode("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"))
        let der = try #require(Hex.decode("302e020100300506032b657004220420")) + seed
        let key = try PrivateKey(pkcs8DER: der)
        let signature = try key.sign(ed25519Message: [0x72])
        #expect(
            Hex.encode(signature)
                == "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")
        let publicKey = try key.publicKey()
        #expect(publicKey.isValid(signature: signature, ed25519Message: [0x72]))
        #expect(!publicKey.isValid(signature: signature, ed25519Message: [0x73]))
        #expect(try PublicKey(subjectPublicKeyInfoDER: publicKey.subjectPublicKeyInfoDER) == publicKey)
    }

    @Test func `random bytes are no public key`() {
        for size in [0, 1, 20, 300] {
            #expect(throws: CryptographyError.unreadableKey) {
                try PublicKey(subjectPublicKeyInfoDER: SecureRandom.bytes(size))
            }
        }
    }
}
