// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Cryptography
import Testing

@Suite struct AESGCMTests {
    @Test func `sealing gives ciphertext and tag of the GCM specification's test case 16`() throws {
        let key = try #require(Hex.decode("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"))
        let nonce = try #require(Hex.decode("cafebabefacedbaddecaf888"))
        let aad = try #require(Hex.decode("feedfacedeadbeeffeedfacedeadbeefabaddad2"))
        let plaintext = try #require(
            Hex.decode(
                "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                    + "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"))
        let sealed = try AESGCM.seal(plaintext, key: key, nonce: nonce, aad: aad)
        #expect(
            Hex.encode(sealed)
                == "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
                + "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662" + "76fc6ece0f4e1768cddf8853bb2d551b")
        #expect(try AESGCM.open(sealed, key: key, nonce: nonce, aad: aad) == plaintext)
    }

    @Test(arguments: [0, 1, 15, 16, 17, 65_536])
    func `what was sealed opens again`(size: Int) throws {
        let key = SecureRandom.bytes(32)
        let nonce = SecureRandom.bytes(12)
        let plaintext = SecureRandom.bytes(size)
        let sealed = try AESGCM.seal(plaintext, key: key, nonce: nonce, aad: [1, 2])
        #expect(sealed.count == size + AESGCM.tagByteCount)
        #expect(try AESGCM.open(sealed, key: key, nonce: nonce, aad: [1, 2]) == plaintext)
    }

    @Test func `every changed byte and every cut is refused`() throws {
        let key = SecureRandom.bytes(32)
        let nonce = SecureRandom.bytes(12)
        let sealed = try AESGCM.seal(SecureRandom.bytes(40), key: key, nonce: nonce, aad: [9])
        for position in sealed.indices {
            var changed = sealed
            changed[position] ^= 0x01
            #expect(throws: CryptographyError.authenticationFailed) {
                try AESGCM.open(changed, key: key, nonce: nonce, aad: [9])
            }
            #expect(throws: CryptographyError.authenticationFailed) {
                try AESGCM.open(Array(sealed.prefix(position)), key: key, nonce: nonce, aad: [9])
            }
        }
    }

    @Test func `another key, nonce or associated data is refused`() throws {
        let key = SecureRandom.bytes(32)
        let nonce = SecureRandom.bytes(12)
        let sealed = try AESGCM.seal([1, 2, 3], key: key, nonce: nonce, aad: [9])
        for (key, nonce, aad) in [
            (SecureRandom.bytes(32), nonce, [9]), (key, SecureRandom.bytes(12), [9]), (key, nonce, []),
            (key, nonce, [9, 9]),
        ] as [([UInt8], [UInt8], [UInt8])] {
            #expect(throws: CryptographyError.authenticationFailed) {
                try AESGCM.open(sealed, key: key, nonce: nonce, aad: aad)
            }
        }
    }

    @Test func `a key or nonce of another length is refused`() {
        #expect(throws: CryptographyError.self) { try AESGCM.seal([1], key: [1, 2], nonce: SecureRandom.bytes(12)) }
        #expect(throws: CryptographyError.self) {
            try AESGCM.seal([1], key: SecureRandom.bytes(32), nonce: SecureRandom.bytes(8))
        }
        #expect(throws: CryptographyError.self) {
            try AESGCM.seal([], key: SecureRandom.bytes(32), nonce: SecureRandom.bytes(13))
        }
    }

    @Test func `one sealer and one opener serve many segments and several tasks`() async throws {
        let key = SecureRandom.bytes(32)
        let sealer = try AESGCMSealer(key: key)
        let opener = try AESGCMOpener(key: key)
        let content = SecureRandom.bytes(1000)
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<64 {
                group.addTask {
                    let nonce = [UInt8](repeating: 0, count: 11) + [UInt8(number)]
                    let sealed = try sealer.seal(content[number..<500], nonce: nonce, aad: [UInt8(number)])
                    return try opener.open(sealed[...], nonce: nonce, aad: [UInt8(number)])
                        == Array(content[number..<500])
                }
            }
            for try await isEqual in group { #expect(isEqual) }
        }
    }

    @Test func `an opener works on after it refused a segment`() throws {
        let key = SecureRandom.bytes(32)
        let nonce = SecureRandom.bytes(12)
        let opener = try AESGCMOpener(key: key)
        let sealed = try AESGCM.seal([1, 2, 3], key: key, nonce: nonce)
        #expect(throws: CryptographyError.authenticationFailed) {
            try opener.open(sealed[...], nonce: nonce, aad: [1])
        }
        #expect(try opener.open(sealed[...], nonce: nonce, aad: []) == [1, 2, 3])
    }
}
