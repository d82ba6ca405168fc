// SPDX-License-Identifier: Apache-2.0
import COpenSSL

/// Owner of one EVP_PKEY.
///
/// Safe to share: the pointer is written once and the key is never changed after `init`; OpenSSL locks what it caches
/// inside (blinding, exports to providers), so that every use with a context of its own may run at the same time
/// (openssl-threads(7)).
final class KeyHandle: @unchecked Sendable {
    let pointer: OpaquePointer
    let kind: KeyKind

    /// Takes over one reference of the key.
    /// - Parameter signing: Whether the key must be of a kind that may sign; otherwise it need only be readable.
    init(adopting pointer: OpaquePointer, signing: Bool) throws(CryptographyError) {
        guard let kind = Self.kind(of: pointer), kind.isAllowedForSigning || !signing else {
            EVP_PKEY_free(pointer)
            throw .unsupportedAlgorithm("use an RSA key of 2048 to 4096 bits, P-256, P-384, P-521 or Ed25519")
        }
        self.pointer = pointer
        self.kind = kind
    }

    /// Also wipes private parts.
    deinit { EVP_PKEY_free(pointer) }

    /// A context for one operation; with `algorithm` its padding and digest are set as well.
    func withContext<Result>(
        start: (OpaquePointer?) -> Int32, algorithm: SignatureAlgorithm,
        _ body: (OpaquePointer) throws(CryptographyError) -> Result
    ) throws(CryptographyError) -> Result {
        try requireMatch(algorithm)
        let context = try check(EVP_PKEY_CTX_new_from_pkey(nil, pointer, nil), "EVP_PKEY_CTX_new_from_pkey")
        defer { EVP_PKEY_CTX_free(context) }
        try check(start(context), "starting a signature operation")
        if algorithm.scheme == .rsaPKCS1 || algorithm.scheme == .rsaPSS {
            let padding = algorithm.scheme == .rsaPSS ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING
            try check(EVP_PKEY_CTX_set_rsa_padding(context, padding), "EVP_PKEY_CTX_set_rsa_padding")
        }
        try check(EVP_PKEY_CTX_set_signature_md(context, algorithm.digest.handle), "EVP_PKEY_CTX_set_signature_md")
        if algorithm.scheme == .rsaPSS {
            if algorithm.maskDigest != algorithm.digest {
                try check(
                    EVP_PKEY_CTX_set_rsa_mgf1_md(context, algorithm.maskDigest.handle), "EVP_PKEY_CTX_set_rsa_mgf1_md")
            }
            try check(
                EVP_PKEY_CTX_set_rsa_pss_saltlen(context, Int32(clamping: algorithm.saltByteCount)),
                "EVP_PKEY_CTX_set_rsa_pss_saltlen")
        }
        return try body(context)
    }

    private func requireMatch(_ algorithm: SignatureAlgorithm) throws(CryptographyError) {
        let isMatch =
            switch algorithm.scheme {
            case .rsaPKCS1: EVP_PKEY_get_base_id(pointer) == EVP_PKEY_RSA
            case .rsaPSS: [EVP_PKEY_RSA, EVP_PKEY_RSA_PSS].contains(EVP_PKEY_get_base_id(pointer))
            case .ecdsa: EVP_PKEY_get_base_id(pointer) == EVP_PKEY_EC
            case .dsa: EVP_PKEY_get_base_id(pointer) == EVP_PKEY_DSA
            // It signs messages, not digests.
            case .ed25519: false
            }
        guard isMatch else { throw .unsupportedAlgorithm("a key of kind \(kind) cannot be used for \(algorithm)") }
    }

    private static func kind(of pointer: OpaquePointer) -> KeyKind? {
        let bits = Int(EVP_PKEY_get_bits(pointer))
        switch EVP_PKEY_get_base_id(pointer) {
        case EVP_PKEY_RSA: return (512...16_384).contains(bits) ? .rsa(bits: bits) : nil
        case EVP_PKEY_RSA_PSS: return (512...16_384).contains(bits) ? .other(name: "rsa-pss", bits: bits) : nil
        case EVP_PKEY_DSA: return (512...4_096).contains(bits) ? .other(name: "dsa", bits: bits) : nil
        case EVP_PKEY_ED25519: return .ed25519
        case EVP_PKEY_EC:
            var name = [UInt8](repeating: 0, count: 64)
            var length = 0
            let status = name.withUnsafeMutableBytes { buffer in
                EVP_PKEY_get_group_name(
                    pointer, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), buffer.count, &length)
            }
            guard status == 1, length <= name.count else { return nil }
            let group = String(decoding: name.prefix(length), as: UTF8.self)
            switch group {
            case "prime256v1", "P-256": return .p256
            case "secp384r1", "P-384": return .p384
            case "secp521r1", "P-521": return .p521
            default: return .other(name: group, bits: bits)
            }
        default: return nil
        }
    }
}
