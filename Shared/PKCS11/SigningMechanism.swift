// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import CPKCS11
import Cryptography

/// A PKCS#11 mechanism that signs a digest made elsewhere.
enum SigningMechanism: Sendable, Equatable {
    /// CKM_RSA_PKCS or CKM_ECDSA.
    case plain(UInt)
    /// CKM_RSA_PKCS_PSS.
    case pss(digest: UInt, mask: UInt, saltBytes: Int)

    /// Nil for an algorithm that nothing is signed with here.
    init?(_ algorithm: SignatureAlgorithm) {
        guard algorithm.isAllowedForSigning else { return nil }
        switch algorithm.scheme {
        case .rsaPKCS1: self = .plain(CKM_RSA_PKCS)
        case .ecdsa: self = .plain(CKM_ECDSA)
        case .rsaPSS:
            guard let (digest, mask) = Self.digests[algorithm.digest] else { return nil }
            self = .pss(digest: digest, mask: mask, saltBytes: algorithm.saltByteCount)
        case .ed25519, .dsa: return nil
        }
    }

    private static let digests: [DigestAlgorithm: (UInt, UInt)] = [
        .sha256: (CKM_SHA256, CKG_MGF1_SHA256), .sha384: (CKM_SHA384, CKG_MGF1_SHA384),
        .sha512: (CKM_SHA512, CKG_MGF1_SHA512),
    ]

    /// What the mechanism gets: CKM_RSA_PKCS pads only, so it wants the DigestInfo whole (RFC 8017, 9.2).
    static func input(digest: [UInt8], algorithm: SignatureAlgorithm) -> [UInt8] {
        guard algorithm.scheme == .rsaPKCS1 else { return digest }
        // Here, other than in CMS, the digest's parameters are a NULL (RFC 8017, A.2.4).
        let identifier = algorithm.digest.objectIdentifierDER + [0x05, 0x00]
        return DER.sequence(DER.sequence(identifier), DER.octetString(digest))
    }

    /// The value as CMS wants it: CKM_ECDSA gives r and s side by side.
    /// - Returns: Nil when the token gave something else.
    static func value(_ signature: [UInt8], algorithm: SignatureAlgorithm) -> [UInt8]? {
        guard algorithm.scheme == .ecdsa else { return signature.isEmpty ? nil : signature }
        guard !signature.isEmpty, signature.count.isMultiple(of: 2) else { return nil }
        let half = signature.count / 2
        return DER.sequence(integer(signature[..<half]), integer(signature[half...]))
    }

    private static func integer(_ magnitude: ArraySlice<UInt8>) -> [UInt8] {
        let digits = magnitude.drop { $0 == 0 }
        let isPadded = (digits.first ?? 0x80) & 0x80 != 0
        return DER.element(0x02, (isPadded ? [0] : []) + digits)
    }
}
