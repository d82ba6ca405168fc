// SPDX-License-Identifier: Apache-2.0
import COpenSSL

/// A running digest with value semantics: a copy goes on by itself, so a shared beginning is hashed once.
package struct DigestHasher: Sendable {
    private var state: HashState

    /// Which digest it computes.
    package let algorithm: DigestAlgorithm

    /// A hasher that has consumed nothing.
    package init(_ algorithm: DigestAlgorithm) {
        self.algorithm = algorithm
        state = HashState(algorithm)
    }

    /// Consumes the bytes in place.
    package mutating func update(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { update($0) }
    }

    /// Consumes the slice in place.
    package mutating func update(_ bytes: ArraySlice<UInt8>) {
        bytes.withUnsafeBytes { update($0) }
    }

    /// The digest of everything consumed; the hasher can go on afterwards.
    package func finalize() -> [UInt8] {
        HashState(copying: state).finish(byteCount: algorithm.byteCount)
    }

    private mutating func update(_ bytes: UnsafeRawBufferPointer) {
        if !isKnownUniquelyReferenced(&state) { state = HashState(copying: state) }
        state.update(bytes)
    }
}

/// Owner of one EVP_MD_CTX.
///
/// Safe to send: `DigestHasher` updates a state only while it holds the single reference, and copying one out of a
/// shared state (EVP_MD_CTX_copy_ex) only reads it.
private final class HashState: @unchecked Sendable {
    private let context: OpaquePointer

    init(_ algorithm: DigestAlgorithm) {
        context = Self.newContext()
        let status = EVP_DigestInit_ex2(context, algorithm.handle, nil)
        precondition(status == 1, "libcrypto could not start a digest")
    }

    init(copying other: HashState) {
        context = Self.newContext()
        let status = EVP_MD_CTX_copy_ex(context, other.context)
        precondition(status == 1, "libcrypto could not copy a digest")
    }

    deinit { EVP_MD_CTX_free(context) }

    func update(_ bytes: UnsafeRawBufferPointer) {
        let status = EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
        precondition(status == 1, "libcrypto could not update a digest")
    }

    /// Ends the state's use.
    func finish(byteCount: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, count in
            let status = EVP_DigestFinal_ex(context, buffer.baseAddress, nil)
            precondition(status == 1, "libcrypto could not finish a digest")
            count = byteCount
        }
    }

    private static func newContext() -> OpaquePointer {
        guard let context = EVP_MD_CTX_new() else { preconditionFailure("out of memory") }
        return context
    }
}
