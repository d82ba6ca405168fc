// SPDX-License-Identifier: Apache-2.0
import CZlib

/// zlib decompression (RFC 1950) that never grows beyond what its caller allows.
package enum Inflate {
    /// The content of the zlib stream that the bytes begin with; what follows its end is passed over.
    /// - Throws: `CompressionError` when the stream is damaged, ends early or holds more than `maximumBytes`.
    package static func inflate(_ bytes: [UInt8], maximumBytes: Int) throws(CompressionError) -> [UInt8] {
        try inflate(bytes[...], maximumBytes: maximumBytes)
    }

    /// The content of the zlib stream that the slice begins with; what follows its end is passed over.
    /// - Throws: `CompressionError` when the stream is damaged, ends early or holds more than `maximumBytes`.
    package static func inflate(
        _ bytes: ArraySlice<UInt8>, maximumBytes: Int
    ) throws(CompressionError) -> [UInt8] {
        let result = try run(bytes, maximumBytes: maximumBytes)
        switch result.status {
        case Z_STREAM_END: return result.output
        case Z_OK, Z_BUF_ERROR: throw .truncated
        default: throw .damaged
        }
    }

    /// As much of a zlib stream as stands before its damage or its early end; complete only with a right checksum.
    /// - Throws: `CompressionError` when it holds more than `maximumBytes`.
    package static func inflateAvailable(
        _ bytes: ArraySlice<UInt8>, maximumBytes: Int
    ) throws(CompressionError) -> (bytes: [UInt8], isComplete: Bool) {
        let result = try run(bytes, maximumBytes: maximumBytes)
        return (result.output, result.status == Z_STREAM_END)
    }

    private static func run(
        _ bytes: ArraySlice<UInt8>, maximumBytes: Int
    ) throws(CompressionError) -> (output: [UInt8], status: Int32) {
        var stream = z_stream()
        guard paraph_inflate_init(&stream) == Z_OK else { throw .outOfMemory }
        defer { inflateEnd(&stream) }
        var remaining = bytes.count
        var output: [UInt8] = []
        var status = Z_OK
        // A guess of four to one; each further round doubles, so copying stays linear.
        var step = min(max(bytes.count, 128) * 4, 1 << 20, maximumBytes + 1)
        // zlib only reads through next_in; its type is not const for history's sake.
        bytes.withUnsafeBufferPointer { input in
            stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
            while status == Z_OK, output.count <= maximumBytes {
                if stream.avail_in == 0, remaining > 0 {
                    stream.avail_in = UInt32(clamping: remaining)
                    remaining -= Int(stream.avail_in)
                }
                let room = min(step, maximumBytes + 1 - output.count)
                let chunk = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
                    stream.next_out = buffer.baseAddress
                    stream.avail_out = UInt32(room)
                    status = CZlib.inflate(&stream, Z_NO_FLUSH)
                    count = room - Int(stream.avail_out)
                }
                if output.isEmpty { output = chunk } else { output.append(contentsOf: chunk) }
                step = min(max(output.count, step), 1 << 24)
            }
        }
        if output.count > maximumBytes { throw .tooLarge(maximumBytes: maximumBytes) }
        if status == Z_MEM_ERROR { throw .outOfMemory }
        return (output, status)
    }
}
