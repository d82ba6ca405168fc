// SPDX-License-Identifier: Apache-2.0
import COpenSSL

/// The SHA-2 digests that signatures here are made over.
package enum DigestAlgorithm: String, Sendable, Hashable, CaseIterable {
    case sha256, sha384, sha512

    /// Bytes in a digest.
    package var byteCount: Int {
        switch self {
        case .sha256: 32
        case .sha384: 48
        case .sha512: 64
        }
    }

    /// The DER AlgorithmIdentifier with absent parameters, as RFC 5754, 2 asks of SHA-2.
    package var algorithmIdentifierDER: [UInt8] {
        let last: UInt8 =
            switch self {
            case .sha256: 1
            case .sha384: 2
            case .sha512: 3
            }
        return [0x30, 0x0B, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, last]
    }

    /// The digest of bytes that are in memory as a whole.
    package func digest(of bytes: [UInt8]) -> [UInt8] {
        bytes.withUnsafeBytes { digest(of: $0) }
    }

    /// The digest of a slice, without copying it first.
    package func digest(of bytes: ArraySlice<UInt8>) -> [UInt8] {
        bytes.withUnsafeBytes { digest(of: $0) }
    }

    func digest(of bytes: UnsafeRawBufferPointer) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, count in
            let status = EVP_Digest(bytes.baseAddress, bytes.count, buffer.baseAddress, nil, handle, nil)
            precondition(status == 1, "libcrypto has no SHA-2")
            count = byteCount
        }
    }

    /// Fetched once: OpenSSL 3 looks an algorithm up by name, under a lock, whenever it is not.
    var handle: OpaquePointer {
        switch self {
        case .sha256: FetchedDigests.sha256.pointer
        case .sha384: FetchedDigests.sha384.pointer
        case .sha512: FetchedDigests.sha512.pointer
        }
    }
}

/// SHA-256 in one call.
package enum SHA256 {
    /// Bytes in a digest.
    package static let byteCount = 32

    /// The digest of bytes that are in memory as a whole.
    package static func digest(of bytes: [UInt8]) -> [UInt8] { DigestAlgorithm.sha256.digest(of: bytes) }

    /// The digest of a slice, without copying it first.
    package static func digest(of bytes: ArraySlice<UInt8>) -> [UInt8] { DigestAlgorithm.sha256.digest(of: bytes) }
}

private enum FetchedDigests {
    static let sha256 = FetchedDigest("SHA2-256")
    static let sha384 = FetchedDigest("SHA2-384")
    static let sha512 = FetchedDigest("SHA2-512")
}

/// An EVP_MD that is kept for the life of the process.
///
/// Safe to share: an EVP_MD is immutable and counted once fetched (EVP_MD_fetch(3)), and this one is never freed.
private struct FetchedDigest: @unchecked Sendable {
    let pointer: OpaquePointer

    init(_ name: String) {
        guard let fetched = EVP_MD_fetch(nil, name, nil) else { preconditionFailure("libcrypto has no \(name)") }
        pointer = fetched
    }
}
