// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Cryptography
import Testing

@Suite struct DigestTests {
    @Test(arguments: [
        (DigestAlgorithm.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            .sha384,
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"
        ),
        (
            .sha512,
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
        ),
    ])
    func `a digest of abc is the one FIPS 180-4 gives`(algorithm: DigestAlgorithm, expected: String) {
        #expect(Hex.encode(algorithm.digest(of: Array("abc".utf8))) == expected)
        #expect(Hex.encode(algorithm.digest(of: Array("-abc-".utf8)[1..<4])) == expected)
    }

    @Test func `a digest of nothing is the one FIPS 180-4 gives`() {
        let expected = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        #expect(Hex.encode(SHA256.digest(of: [UInt8]())) == expected)
        #expect(Hex.encode(DigestHasher(.sha256).finalize()) == expected)
    }

    @Test(arguments: [1, 63, 64, 65, 1000, 4096])
    func `hashing in pieces gives the digest of the whole`(step: Int) {
        let bytes = SecureRandom.bytes(10_000)
        var hasher = DigestHasher(.sha256)
        for start in stride(from: 0, to: bytes.count, by: step) {
            hasher.update(bytes[start..<min(start + step, bytes.count)])
        }
        #expect(hasher.finalize() == SHA256.digest(of: bytes))
    }

    @Test func `a copied hasher goes on without touching the one it was copied from`() {
        var shared = DigestHasher(.sha256)
        shared.update(Array("base".utf8))
        var first = shared
        first.update(Array("+1".utf8))
        var second = shared
        second.update(Array("+2".utf8))
        #expect(shared.finalize() == SHA256.digest(of: Array("base".utf8)))
        #expect(first.finalize() == SHA256.digest(of: Array("base+1".utf8)))
        #expect(second.finalize() == SHA256.digest(of: Array("base+2".utf8)))
    }

    @Test func `a hasher can go on after it was finalised`() {
        var hasher = DigestHasher(.sha256)
        hasher.update(Array("a".utf8))
        #expect(hasher.finalize() == SHA256.digest(of: Array("a".utf8)))
        hasher.update(Array("b".utf8))
        #expect(hasher.finalize() == SHA256.digest(of: Array("ab".utf8)))
    }

    @Test func `copies hashed by several tasks at once do not disturb one another`() async {
        var base = DigestHasher(.sha256)
        base.update(Array("common".utf8))
        let shared = base
        await withTaskGroup(of: Bool.self) { group in
            for number in 0..<32 {
                group.addTask {
                    var own = shared
                    for _ in 0..<100 { own.update([UInt8(number)]) }
                    let whole = Array("common".utf8) + [UInt8](repeating: UInt8(number), count: 100)
                    return own.finalize() == SHA256.digest(of: whole)
                }
            }
            for await isEqual in group { #expect(isEqual) }
        }
    }

    @Test func `HMAC-SHA-256 gives the codes of RFC 4231`() {
        let code = HMACSHA256.code(for: Array("what do ya want for nothing?".utf8), key: Array("Jefe".utf8))
        #expect(Hex.encode(code) == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
        let long = HMACSHA256.code(
            for: Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            key: [UInt8](repeating: 0xAA, count: 131))
        #expect(Hex.encode(long) == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
    }

    @Test func `HMAC-SHA-256 takes an empty key`() {
        let code = HMACSHA256.code(for: [], key: [])
        #expect(Hex.encode(code) == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")
        #expect(HMACSHA256.isValid(code, for: [], key: []))
        #expect(!HMACSHA256.isValid(code.dropLast(), for: [], key: []))
    }

    @Test func `HKDF gives the keys of RFC 5869`() throws {
        let key = [UInt8](repeating: 0x0B, count: 22)
        let first = HKDF.derive(
            key: key, salt: try #require(Hex.decode("000102030405060708090a0b0c")),
            info: try #require(Hex.decode("f0f1f2f3f4f5f6f7f8f9")), byteCount: 42)
        #expect(
            Hex.encode(first)
                == "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865")
        let third = HKDF.derive(key: key, info: [], byteCount: 42)
        #expect(
            Hex.encode(third)
                == "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8")
    }
}
