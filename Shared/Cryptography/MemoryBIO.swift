// SPDX-License-Identifier: Apache-2.0
import COpenSSL

/// OpenSSL's in-memory stream, lent within the module.
struct MemoryBIO: ~Copyable {
    let pointer: OpaquePointer

    /// An empty stream to write to.
    init() throws(CryptographyError) {
        pointer = try check(BIO_new(BIO_s_mem()), "BIO_new")
    }

    /// A stream that holds a copy of the bytes.
    init(_ bytes: [UInt8]) throws(CryptographyError) {
        let made = try check(BIO_new(BIO_s_mem()), "BIO_new")
        guard bytes.isEmpty || BIO_write(made, bytes, Int32(clamping: bytes.count)) == bytes.count else {
            BIO_free(made)
            throw failure("BIO_write")
        }
        pointer = made
    }

    deinit { BIO_free(pointer) }

    /// A copy of what was written.
    var bytes: [UInt8] {
        var data: UnsafeMutablePointer<CChar>?
        let count = paraph_bio_memory(pointer, &data)
        return [UInt8](UnsafeRawBufferPointer(start: data, count: max(0, count)))
    }
}

/// Writes a structure with one of OpenSSL's i2d functions, which answer the length when given no buffer.
func encodeDER(
    _ operation: String, _ encode: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?) -> Int32
) throws(CryptographyError) -> [UInt8] {
    let length = encode(nil)
    guard length > 0 else { throw failure(operation) }
    return [UInt8](unsafeUninitializedCapacity: Int(length)) { buffer, count in
        var cursor = buffer.baseAddress
        count = Int(max(0, encode(&cursor)))
    }
}

/// Reads a structure with one of OpenSSL's d2i functions, and says how many bytes it took; nil when it is malformed.
///
/// The caller owns the structure. OpenSSL's error queue is left as it is.
func decodeDER(
    _ der: [UInt8],
    _ decode: (UnsafeMutablePointer<OpaquePointer?>?, UnsafeMutablePointer<UnsafePointer<UInt8>?>?, Int) ->
        OpaquePointer?
) -> (pointer: OpaquePointer, length: Int)? {
    der.withUnsafeBufferPointer { buffer in
        var cursor = buffer.baseAddress
        guard let pointer = decode(nil, &cursor, buffer.count), let start = buffer.baseAddress, let cursor else {
            return nil
        }
        return (pointer, cursor - start)
    }
}
