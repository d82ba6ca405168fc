// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import FoundationEssentials
import Testing

struct HexAndBase64URLTests {
    @Test(
        arguments: [("", []), ("00ff10", [0, 255, 16]), ("deadbeef", [0xDE, 0xAD, 0xBE, 0xEF])] as [(String, [UInt8])])
    func `hex goes both ways`(text: String, bytes: [UInt8]) {
        #expect(Hex.encode(bytes) == text)
        #expect(Hex.decode(text) == bytes)
        #expect(Hex.decode(text.uppercased()) == bytes)
    }

    @Test(arguments: ["0", "0g", "zz", "00 1", "é0"])
    func `what is not hex is refused`(text: String) {
        #expect(Hex.decode(text) == nil)
    }

    // RFC 4648, 10, without padding.
    @Test(arguments: [
        ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("foobar", "Zm9vYmFy"),
    ])
    func `base64url follows the vectors of RFC 4648`(plain: String, text: String) {
        #expect(Base64URL.encode(plain.utf8) == text)
        #expect(Base64URL.decode(text) == Array(plain.utf8))
    }

    @Test func `base64url uses the URL alphabet`() {
        #expect(Base64URL.encode([0xFB, 0xFF, 0xFE]) == "-__-")
        #expect(Base64URL.decode("-__-") == [0xFB, 0xFF, 0xFE])
    }

    @Test(arguments: ["A", "Zg==", "Zh", "Zm9", "a+b/", "Zm9v\n"])
    func `base64url refuses padding, foreign characters and loose bits`(text: String) {
        #expect(Base64URL.decode(text) == nil)
    }

    @Test func `random bytes survive base64url and hex`() {
        for count in 0..<80 {
            let bytes = (0..<count).map { _ in UInt8.random(in: .min ... .max) }
            #expect(Base64URL.decode(Base64URL.encode(bytes)) == bytes)
            #expect(Hex.decode(Hex.encode(bytes)) == bytes)
        }
    }

    @Test func `a UUID reads its own lower-case text`() throws {
        let id = UUID()
        #expect(id.text == id.uuidString.lowercased())
        #expect(UUID(text: id.text) == id)
        #expect(UUID(text: id.uuidString) == id)
        #expect(UUID(bytes: id.bytes) == id)
    }

    @Test(arguments: [
        "", "0190163d-8694-739b-aea5-966c26f8ad9", "0190163d-8694-739b-aea5-966c26f8ad911",
        "0190163d8694739baea5966c26f8ad910000", "{190163d-8694-739b-aea5-966c26f8ad9}",
    ])
    func `a malformed UUID is refused`(text: String) {
        #expect(UUID(text: text) == nil)
    }
}
