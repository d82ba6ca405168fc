// SPDX-License-Identifier: Apache-2.0
import CZlib

/// zlib compression (RFC 1950).
package enum Deflate {
    /// How hard zlib tries.
    package enum Level: Int32, Sendable {
        /// For what is written on the way of a request.
        case fast = 1
        /// zlib's own balance.
        case balanced = 6
        /// For what is written once and kept.
        case smallest = 9
    }

    /// The bytes as one zlib stream.
    /// - Throws: `CompressionError.outOfMemory` only.
    package static func deflate(_ bytes: [UInt8], level: Level = .balanced) throws(CompressionError) -> [UInt8] {
        var stream = z_stream()
        guard paraph_deflate_init(&stream, level.rawValue) == Z_OK else { throw .outOfMemory }
        defer { deflateEnd(&stream) }
        var remaining = bytes.count
        var output: [UInt8] = []
        output.reserveCapacity(min(bytes.count, chunkByteCount))
        var status = Z_OK
        // zlib only reads through next_in; its type is not const for history's sake.
        bytes.withUnsafeBufferPointer { input in
            stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
            while status == Z_OK || status == Z_BUF_ERROR {
                if stream.avail_in == 0, remaining > 0 {
                    stream.avail_in = UInt32(clamping: remaining)
                    remaining -= Int(stream.avail_in)
                }
                output.append(
                    contentsOf: [UInt8](unsafeUninitializedCapacity: chunkByteCount) { buffer, count in
                        stream.next_out = buffer.baseAddress
                        stream.avail_out = UInt32(chunkByteCount)
                        status = CZlib.deflate(&stream, remaining == 0 ? Z_FINISH : Z_NO_FLUSH)
                        count = chunkByteCount - Int(stream.avail_out)
                    })
            }
        }
        guard status == Z_STREAM_END else { throw .outOfMemory }
        return output
    }

    private static let chunkByteCount = 64 * 1024
}
