// SPDX-License-Identifier: Apache-2.0
import COpenSSL

/// RC4 and MD5, which PDF encryption before 2008 is made of (ISO 32000-2, 7.6.3); nothing else may use them.
///
/// They come from a library context of their own, so that loading the legacy provider gives no other code a weak cipher.
///
/// Safe to share: both handles are immutable and counted once fetched, and neither is ever freed.
package struct LegacyCiphers: @unchecked Sendable {
    /// Bytes in an MD5 digest.
    package static let digestByteCount = 16

    private static let shared = Result { () throws(CryptographyError) in try LegacyCiphers() }

    private let md5: OpaquePointer
    private let rc4: OpaquePointer

    /// The context, which the first call makes.
    /// - Throws: `CryptographyError.unsupportedAlgorithm` where OpenSSL's legacy provider is not installed.
    package static func loaded() throws(CryptographyError) -> LegacyCiphers { try shared.get() }

    private init() throws(CryptographyError) {
        let context = try check(OSSL_LIB_CTX_new(), "OSSL_LIB_CTX_new")
        guard
            OSSL_PROVIDER_load(context, "legacy") != nil, OSSL_PROVIDER_load(context, "default") != nil,
            let md5 = EVP_MD_fetch(context, "MD5", nil), let rc4 = EVP_CIPHER_fetch(context, "RC4", nil)
        else {
            ERR_clear_error()
            OSSL_LIB_CTX_free(context)
            throw .unsupportedAlgorithm("RC4: OpenSSL's legacy provider cannot be loaded")
        }
        self.md5 = md5
        self.rc4 = rc4
    }

    /// The 16-byte MD5 digest.
    package func md5(_ bytes: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Self.digestByteCount) { buffer, count in
            let status = EVP_Digest(bytes, bytes.count, buffer.baseAddress, nil, md5, nil)
            precondition(status == 1, "libcrypto could not compute MD5")
            count = Self.digestByteCount
        }
    }

    /// The bytes under RC4, which is its own inverse; a key has 5 to 16 bytes.
    package func rc4(_ bytes: [UInt8], key: [UInt8]) -> [UInt8] {
        precondition((5...16).contains(key.count) && bytes.count <= Int32.max, "RC4 takes 40 to 128 bits of key")
        guard !bytes.isEmpty else { return [] }
        guard let context = EVP_CIPHER_CTX_new() else { preconditionFailure("out of memory") }
        defer { EVP_CIPHER_CTX_free(context) }
        return [UInt8](unsafeUninitializedCapacity: bytes.count) { buffer, count in
            var written: Int32 = 0
            let isDone =
                EVP_CipherInit_ex2(context, rc4, nil, nil, 1, nil) == 1
                && EVP_CIPHER_CTX_set_key_length(context, Int32(key.count)) == 1
                && EVP_CipherInit_ex2(context, nil, key, nil, 1, nil) == 1
                && EVP_CipherUpdate(context, buffer.baseAddress, &written, bytes, Int32(bytes.count)) == 1
            precondition(isDone, "libcrypto could not apply RC4")
            count = bytes.count
        }
    }
}
