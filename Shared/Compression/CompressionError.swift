// SPDX-License-Identifier: Apache-2.0

/// Why bytes could not be compressed or decompressed.
package enum CompressionError: Error, Equatable {
    /// The bytes are not a zlib stream (RFC 1950), or its checksum does not match.
    case damaged
    /// The stream ends before its end mark.
    case truncated
    /// The result would be longer than the caller allows.
    case tooLarge(maximumBytes: Int)
    /// zlib could not get memory.
    case outOfMemory
}
