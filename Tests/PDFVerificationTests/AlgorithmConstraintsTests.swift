// SPDX-License-Identifier: Apache-2.0
import Clocks
import Cryptography
import Testing

@testable import PDFVerification

@Suite struct AlgorithmConstraintsTests {
    private func judge(
        _ scheme: SignatureAlgorithm.Scheme, _ digest: DigestAlgorithm, _ key: KeyKind, _ date: String, isProven: Bool
    ) throws -> SubIndication? {
        AlgorithmConstraints.shortcoming(
            of: SignatureAlgorithm(scheme: scheme, digest: digest), key: key,
            at: try #require(Instant(rfc3339: "\(date)T00:00:00Z")), isProven: isProven, what: "It")?.subIndication
    }

    @Test func `SHA-1 stands where it is proven to be older than 2013, and not else`() throws {
        let key = KeyKind.rsa(bits: 2048)
        #expect(try judge(.rsaPKCS1, .sha1, key, "2012-12-31", isProven: true) == nil)
        #expect(try judge(.rsaPKCS1, .sha1, key, "2013-01-01", isProven: true) == .cryptoConstraintsFailure)
        #expect(try judge(.rsaPKCS1, .sha1, key, "2026-01-01", isProven: false) == .cryptoConstraintsFailureNoPOE)
    }

    @Test func `small keys never stand, or as long as they did`() throws {
        #expect(
            try judge(.rsaPKCS1, .sha256, .rsa(bits: 512), "2000-01-01", isProven: true) == .cryptoConstraintsFailure)
        #expect(try judge(.rsaPKCS1, .sha256, .rsa(bits: 1024), "2010-01-01", isProven: true) == nil)
        #expect(
            try judge(.rsaPKCS1, .sha256, .rsa(bits: 1024), "2026-01-01", isProven: false)
                == .cryptoConstraintsFailureNoPOE)
        #expect(try judge(.dsa, .sha256, .other(name: "dsa", bits: 1024), "2026-01-01", isProven: true) != nil)
        #expect(try judge(.ecdsa, .sha256, .other(name: "secp256k1", bits: 256), "2026-01-01", isProven: false) == nil)
    }

    @Test func `what is recommended today stands, and what is not known does not`() throws {
        for digest in [DigestAlgorithm.sha256, .sha384, .sha512, .sha3x256] {
            #expect(try judge(.ecdsa, digest, .p256, "2026-01-01", isProven: false) == nil)
        }
        let unknown = AlgorithmConstraints.shortcoming(
            of: nil, key: .p256, at: Instant(microseconds: 0), isProven: false, what: "It")
        #expect(unknown?.subIndication == .cryptoConstraintsFailure)
    }
}
