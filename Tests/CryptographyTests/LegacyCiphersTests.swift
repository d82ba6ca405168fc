// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Cryptography
import Testing

struct LegacyCiphersTests {
    @Test func `MD5 and RC4 give the published vectors, with keys of every length that PDF knows`() throws {
        let ciphers = try LegacyCiphers.loaded()
        #expect(Hex.encode(ciphers.md5(Array("abc".utf8))) == "900150983cd24fb0d6963f7d28e17f72")
        #expect(Hex.encode(ciphers.md5([])) == "d41d8cd98f00b204e9800998ecf8427e")
        // RFC 6229, 2: the first bytes of the key stream for 40 and 128 bits.
        let zeros = [UInt8](repeating: 0, count: 16)
        #expect(Hex.encode(ciphers.rc4(zeros, key: Array(1...5))) == "b2396305f03dc027ccc3524a0a1118a8")
        #expect(Hex.encode(ciphers.rc4(zeros, key: Array(1...16))) == "9ac7cc9a609d1ef7b2932899cde41b97")
        #expect(ciphers.rc4([], key: Array(1...5)).isEmpty)
    }

    @Test func `AES in CBC mode gives the vectors of NIST SP 800-38A and opens what it sealed`() throws {
        let key = try #require(Hex.decode("2b7e151628aed2a6abf7158809cf4f3c"))
        let vector = [UInt8](0..<16)
        let block = try #require(Hex.decode("6bc1bee22e409f96e93d7e117393172a"))
        let sealed = AESCBC.encrypt(block, key: key, vector: vector)
        #expect(Hex.encode(sealed) == "7649abac8119b246cee98e9b12e9197d")
        #expect(AESCBC.decrypt(sealed[...], key: key, vector: vector[...]) == block)
        let long = [UInt8](repeating: 7, count: 160)
        let other = AESCBC.encrypt(long, key: key + key, vector: vector)
        #expect(AESCBC.decrypt(other[...], key: key + key, vector: vector[...]) == long)
        #expect(AESCBC.encrypt([], key: key, vector: vector).isEmpty)
    }
}
