// SPDX-License-Identifier: Apache-2.0

/// What a caller chose to name one request by; the same text with and without quotes is the same key.
package struct IdempotencyKey: Sendable, Hashable {
    /// The most characters that a key may have.
    package static let maximumLength = 255

    /// Without quotes and escapes.
    package let text: String

    /// Takes the values of all `Idempotency-Key` fields of a request.
    ///
    /// The draft (draft-ietf-httpapi-idempotency-key-header-07, 2.1) wants an RFC 8941 string; plain text is taken too.
    /// - Throws: `IdempotencyError.keyMissing`, `.keyTooLong` or `.keyMalformed`.
    package init(headerValues: [String]) throws(IdempotencyError) {
        guard let value = headerValues.first else { throw .keyMissing }
        guard headerValues.count == 1 else { throw .keyMalformed }
        let bytes = Self.trimmed(value)
        let content = bytes.first == UInt8(ascii: "\"") ? try Self.unquoted(bytes) : bytes
        guard content.count <= Self.maximumLength else { throw .keyTooLong }
        // Blanks are for quoted keys only: outside quotes they separate things in a header.
        let lowest: UInt8 = bytes.first == UInt8(ascii: "\"") ? 0x20 : 0x21
        guard !content.isEmpty, content.allSatisfy({ (lowest...0x7E).contains($0) }) else { throw .keyMalformed }
        text = String(decoding: content, as: UTF8.self)
    }

    private static func trimmed(_ value: String) -> [UInt8] {
        let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
        let bytes = Array(value.utf8)
        let start = bytes.firstIndex { !isBlank($0) } ?? bytes.endIndex
        let end = bytes.lastIndex { !isBlank($0) }.map { $0 + 1 } ?? start
        return Array(bytes[start..<end])
    }

    /// RFC 8941, 4.2.5: only `\"` and `\\` are escapes, and nothing may follow the closing quote.
    private static func unquoted(_ bytes: [UInt8]) throws(IdempotencyError) -> [UInt8] {
        var content: [UInt8] = []
        var position = 1
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                guard position == bytes.count - 1 else { throw .keyMalformed }
                return content
            case UInt8(ascii: "\\"):
                position += 1
                guard position < bytes.count, [UInt8(ascii: "\""), UInt8(ascii: "\\")].contains(bytes[position]) else {
                    throw .keyMalformed
                }
                content.append(bytes[position])
            default:
                content.append(bytes[position])
            }
            position += 1
        }
        throw .keyMalformed
    }
}
