// SPDX-License-Identifier: Apache-2.0
import COpenSSL

/// AES-128 and AES-256 in CBC mode over whole blocks (NIST SP 800-38A), for formats that prescribe it.
///
/// It authenticates nothing, so what it decrypts is as untrusted as what it was given; callers add and remove padding.
package enum AESCBC {
    /// Bytes in a block and in an initialisation vector.
    package static let blockByteCount = 16

    /// The ciphertext of whole blocks; a key has 16 or 32 bytes.
    package static func encrypt(_ blocks: [UInt8], key: [UInt8], vector: [UInt8]) -> [UInt8] {
        apply(blocks[...], key: key, vector: vector[...], isEncrypting: 1)
    }

    /// The plaintext of whole blocks; a key has 16 or 32 bytes.
    package static func decrypt(_ blocks: ArraySlice<UInt8>, key: [UInt8], vector: ArraySlice<UInt8>) -> [UInt8] {
        apply(blocks, key: key, vector: vector, isEncrypting: 0)
    }

    private static func apply(
        _ blocks: ArraySlice<UInt8>, key: [UInt8], vector: ArraySlice<UInt8>, isEncrypting: Int32
    ) -> [UInt8] {
        precondition(key.count == 16 || key.count == 32, "an AES key here has 16 or 32 bytes")
        precondition(vector.count == blockByteCount && blocks.count % blockByteCount == 0, "CBC takes whole blocks")
        precondition(blocks.count <= Int(Int32.max) - blockByteCount, "OpenSSL counts in 32 bits")
        guard !blocks.isEmpty else { return [] }
        guard let context = EVP_CIPHER_CTX_new() else { preconditionFailure("out of memory") }
        defer { EVP_CIPHER_CTX_free(context) }
        let cipher = key.count == 16 ? FetchedCBC.aes128.pointer : FetchedCBC.aes256.pointer
        return [UInt8](unsafeUninitializedCapacity: blocks.count) { buffer, count in
            var written: Int32 = 0
            let isDone = blocks.withUnsafeBufferPointer { input in
                EVP_CipherInit_ex2(context, cipher, key, Array(vector), isEncrypting, nil) == 1
                    && EVP_CIPHER_CTX_set_padding(context, 0) == 1
                    && EVP_CipherUpdate(context, buffer.baseAddress, &written, input.baseAddress, Int32(input.count))
                        == 1
            }
            precondition(isDone && Int(written) == blocks.count, "libcrypto could not apply AES-CBC")
            count = blocks.count
        }
    }
}

/// An EVP_CIPHER that is kept for the life of the process.
///
/// Safe to share: an EVP_CIPHER is immutable and counted once fetched (EVP_CIPHER_fetch(3)), and these are never freed.
private struct FetchedCBC: @unchecked Sendable {
    static let aes128 = FetchedCBC("AES-128-CBC")
    static let aes256 = FetchedCBC("AES-256-CBC")

    let pointer: OpaquePointer

    init(_ name: String) {
        guard let fetched = EVP_CIPHER_fetch(nil, name, nil) else { preconditionFailure("libcrypto has no \(name)") }
        pointer = fetched
    }
}
