// SPDX-License-Identifier: Apache-2.0
import COpenSSL
import Synchronization

/// Owner of one EVP_CIPHER_CTX with its key set; each message only sets a nonce.
///
/// Safe to share: the pointer is written once, and every use of what it points to holds the mutex.
final class CipherContext: @unchecked Sendable {
    private let pointer: OpaquePointer
    private let isBusy = Mutex(())

    init(key: [UInt8], isSealing: Bool) throws(CryptographyError) {
        guard key.count == AESGCM.keyByteCount else {
            throw .invalidArgument("an AES-256 key has 32 bytes, not \(key.count)")
        }
        pointer = try check(EVP_CIPHER_CTX_new(), "EVP_CIPHER_CTX_new")
        let status = EVP_CipherInit_ex2(pointer, FetchedCipher.aes256GCM.pointer, key, nil, isSealing ? 1 : 0, nil)
        guard status == 1 else {
            EVP_CIPHER_CTX_free(pointer)
            throw failure("EVP_CipherInit_ex2")
        }
    }

    /// Also wipes the key schedule.
    deinit { EVP_CIPHER_CTX_free(pointer) }

    func seal(_ plaintext: ArraySlice<UInt8>, nonce: [UInt8], aad: [UInt8]) throws(CryptographyError) -> [UInt8] {
        let size = plaintext.count
        let output = isBusy.withLock { _ in
            [UInt8](unsafeUninitializedCapacity: size + AESGCM.tagByteCount) { buffer, count in
                guard
                    begin(nonce: nonce, aad: aad), process(plaintext, into: buffer.baseAddress),
                    finish(buffer.baseAddress.map { $0 + size }),
                    EVP_CIPHER_CTX_ctrl(
                        pointer, EVP_CTRL_AEAD_GET_TAG, Int32(AESGCM.tagByteCount),
                        buffer.baseAddress.map { $0 + size }) == 1
                else { return }
                count = size + AESGCM.tagByteCount
            }
        }
        guard !output.isEmpty else { throw failure("AES-256-GCM seal") }
        return output
    }

    func open(_ sealed: ArraySlice<UInt8>, nonce: [UInt8], aad: [UInt8]) throws(CryptographyError) -> [UInt8] {
        let size = sealed.count - AESGCM.tagByteCount
        guard size >= 0 else { throw .authenticationFailed }
        var tag = Array(sealed.suffix(AESGCM.tagByteCount))
        var isAuthentic = false
        let output = isBusy.withLock { _ in
            [UInt8](unsafeUninitializedCapacity: max(size, 1)) { buffer, count in
                isAuthentic =
                    begin(nonce: nonce, aad: aad) && process(sealed.prefix(size), into: buffer.baseAddress)
                    && EVP_CIPHER_CTX_ctrl(pointer, EVP_CTRL_AEAD_SET_TAG, Int32(tag.count), &tag) == 1
                    && finish(buffer.baseAddress)
                // Nothing of an unauthentic message leaves: the array stays empty.
                count = isAuthentic ? size : 0
            }
        }
        guard isAuthentic else {
            ERR_clear_error()
            throw .authenticationFailed
        }
        return output
    }

    private func begin(nonce: [UInt8], aad: [UInt8]) -> Bool {
        guard nonce.count == AESGCM.nonceByteCount else { return false }
        guard EVP_CipherInit_ex2(pointer, nil, nil, nonce, -1, nil) == 1 else { return false }
        var written: Int32 = 0
        return aad.isEmpty || EVP_CipherUpdate(pointer, nil, &written, aad, Int32(aad.count)) == 1
    }

    private func process(_ input: ArraySlice<UInt8>, into output: UnsafeMutablePointer<UInt8>?) -> Bool {
        guard !input.isEmpty else { return true }
        guard input.count <= Int32.max else { return false }
        var written: Int32 = 0
        return input.withUnsafeBufferPointer { input in
            EVP_CipherUpdate(pointer, output, &written, input.baseAddress, Int32(input.count)) == 1
        }
    }

    private func finish(_ output: UnsafeMutablePointer<UInt8>?) -> Bool {
        var written: Int32 = 0
        return EVP_CipherFinal_ex(pointer, output, &written) == 1
    }
}

/// An EVP_CIPHER that is kept for the life of the process.
///
/// Safe to share: an EVP_CIPHER is immutable and counted once fetched (EVP_CIPHER_fetch(3)), and this one is never
/// freed.
private struct FetchedCipher: @unchecked Sendable {
    static let aes256GCM = FetchedCipher()

    let pointer: OpaquePointer

    init() {
        guard let fetched = EVP_CIPHER_fetch(nil, "AES-256-GCM", nil) else {
            preconditionFailure("libcrypto has no AES-256-GCM")
        }
        pointer = fetched
    }
}
