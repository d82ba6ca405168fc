// SPDX-License-Identifier: Apache-2.0
import COpenSSL

/// The digests that signatures are made over, and older ones that are only read.
package enum DigestAlgorithm: String, Sendable, Hashable, CaseIterable {
    case sha256, sha384, sha512
    /// Read in old documents only.
    case md5, sha1, sha224
    /// Read in documents of others only.
    case sha3x256, sha3x384, sha3x512

    /// True for SHA-256, SHA-384 and SHA-512; nothing else is signed or timestamped here.
    package var isAllowedForSigning: Bool {
        switch self {
        case .sha256, .sha384, .sha512: true
        case .md5, .sha1, .sha224, .sha3x256, .sha3x384, .sha3x512: false
        }
    }

    /// Bytes in a digest.
    package var byteCount: Int {
        switch self {
        case .md5: 16
        case .sha1: 20
        case .sha224: 28
        case .sha256, .sha3x256: 32
        case .sha384, .sha3x384: 48
        case .sha512, .sha3x512: 64
        }
    }

    /// The DER AlgorithmIdentifier with absent parameters, as RFC 5754, 2 asks of SHA-2.
    package var algorithmIdentifierDER: [UInt8] {
        let oid = objectIdentifierDER
        return [0x30, UInt8(oid.count)] + oid
    }

    /// The whole DER OBJECT IDENTIFIER.
    package var objectIdentifierDER: [UInt8] {
        switch self {
        case .md5: [0x06, 0x08, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x02, 0x05]
        case .sha1: [0x06, 0x05, 0x2B, 0x0E, 0x03, 0x02, 0x1A]
        case .sha256: Self.ofNIST(1)
        case .sha384: Self.ofNIST(2)
        case .sha512: Self.ofNIST(3)
        case .sha224: Self.ofNIST(4)
        case .sha3x256: Self.ofNIST(8)
        case .sha3x384: Self.ofNIST(9)
        case .sha3x512: Self.ofNIST(10)
        }
    }

    /// The algorithm that a DER OBJECT IDENTIFIER names; nil for all others.
    package init?(objectIdentifierDER oid: [UInt8]) {
        guard let known = Self.allCases.first(where: { $0.objectIdentifierDER == oid }) else { return nil }
        self = known
    }

    /// 2.16.840.1.101.3.4.2 and one more number.
    private static func ofNIST(_ last: UInt8) -> [UInt8] {
        [0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, last]
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
            precondition(status == 1, "libcrypto could not compute a digest")
            count = byteCount
        }
    }

    /// Fetched once: OpenSSL 3 looks an algorithm up by name, under a lock, whenever it is not.
    var handle: OpaquePointer {
        switch self {
        case .sha256: FetchedDigests.sha256.pointer
        case .sha384: FetchedDigests.sha384.pointer
        case .sha512: FetchedDigests.sha512.pointer
        case .md5: FetchedDigests.md5.pointer
        case .sha1: FetchedDigests.sha1.pointer
        case .sha224: FetchedDigests.sha224.pointer
        case .sha3x256: FetchedDigests.sha3x256.pointer
        case .sha3x384: FetchedDigests.sha3x384.pointer
        case .sha3x512: FetchedDigests.sha3x512.pointer
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
    static let md5 = FetchedDigest("MD5")
    static let sha1 = FetchedDigest("SHA1")
    static let sha224 = FetchedDigest("SHA2-224")
    static let sha3x256 = FetchedDigest("SHA3-256")
    static let sha3x384 = FetchedDigest("SHA3-384")
    static let sha3x512 = FetchedDigest("SHA3-512")
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
