// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Cryptography
import Envelopes
import Storage

/// A base on its way into a new object: copied and hashed in pieces, so that memory does not depend on its size.
struct RevisionCopy {
    /// What is read, hashed, encrypted and written at a time.
    private static let pieceBytes = 1 << 20

    /// Of the digest that the signature needs; has consumed exactly the base.
    let hasher: DigestHasher
    let digest: [UInt8]
    /// The digest of the first `preparedBytes` bytes.
    let preparedDigest: [UInt8]?
    private let writer: any ObjectWriter

    init(
        of source: any ByteSource, to writer: any ObjectWriter, preparedBytes: Int? = nil,
        digest algorithm: DigestAlgorithm = .sha256
    ) async throws {
        var hasher = DigestHasher(.sha256)
        var other = algorithm == .sha256 ? nil : DigestHasher(algorithm)
        var preparedDigest: [UInt8]?
        var position = 0
        do {
            while position < source.size {
                var end = min(position + Self.pieceBytes, source.size)
                if let preparedBytes, position < preparedBytes { end = min(end, preparedBytes) }
                let piece = try source.bytes(in: position..<end)
                hasher.update(piece)
                other?.update(piece)
                try await writer.append(piece)
                position = end
                if position == preparedBytes { preparedDigest = hasher.finalize() }
            }
        } catch {
            await writer.cancel()
            throw error
        }
        self.hasher = other ?? hasher
        self.writer = writer
        self.preparedDigest = preparedDigest
        digest = hasher.finalize()
    }

    /// SHA-256 of a source that is not copied.
    static func digest(of source: any ByteSource) throws -> [UInt8] {
        var hasher = DigestHasher(.sha256)
        for position in stride(from: 0, to: source.size, by: pieceBytes) {
            hasher.update(try source.bytes(in: position..<min(position + pieceBytes, source.size)))
        }
        return hasher.finalize()
    }

    func finish(appending update: [UInt8]) async throws -> ObjectReference {
        do {
            try await writer.append(update)
            return try await writer.finish().reference
        } catch {
            await writer.cancel()
            throw error
        }
    }

    func cancel() async { await writer.cancel() }
}
