// SPDX-License-Identifier: Apache-2.0
import Cryptography
import Testing

@testable import PKCS11

@Suite struct SigningMechanismTests {
    @Test func `RSA with PKCS 1 padding gets the DigestInfo of RFC 8017 whole`() {
        let digest = [UInt8](repeating: 0xAB, count: 32)
        let prefix: [UInt8] = [
            0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04,
            0x20,
        ]
        #expect(SigningMechanism.input(digest: digest, algorithm: .rsaPKCS1SHA256) == prefix + digest)
        #expect(SigningMechanism.input(digest: digest, algorithm: .rsaPSSSHA256) == digest)
        #expect(SigningMechanism.input(digest: digest, algorithm: .ecdsaSHA256) == digest)
    }

    @Test(
        arguments: [
            ([0, 0, 0, 0], [0x30, 6, 2, 1, 0, 2, 1, 0]), ([0, 1, 0x80, 0], [0x30, 8, 2, 1, 1, 2, 3, 0, 0x80, 0]),
            ([0x7F, 0xFF, 0, 0x80], [0x30, 8, 2, 2, 0x7F, 0xFF, 2, 2, 0, 0x80]),
        ] as [([UInt8], [UInt8])])
    func `r and s become the shortest INTEGERs`(raw: [UInt8], der: [UInt8]) {
        #expect(SigningMechanism.value(raw, algorithm: .ecdsaSHA256) == der)
    }

    @Test func `a value of the wrong form is noticed`() {
        #expect(SigningMechanism.value([1, 2, 3], algorithm: .ecdsaSHA256) == nil)
        #expect(SigningMechanism.value([], algorithm: .ecdsaSHA256) == nil)
        #expect(SigningMechanism.value([], algorithm: .rsaPKCS1SHA256) == nil)
        #expect(SigningMechanism.value([1, 2, 3], algorithm: .rsaPKCS1SHA256) == [1, 2, 3])
    }
}
