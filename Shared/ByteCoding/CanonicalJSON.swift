// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials

/// The one serialisation that Paraph hashes and signs: the JSON Canonicalization Scheme (RFC 8785).
package enum CanonicalJSON {
    /// The canonical bytes of what the value's `Encodable` conformance writes.
    /// - Throws: `EncodingError` when the value cannot be written as JSON, for instance a NaN.
    package static func bytes(of value: some Encodable) throws -> [UInt8] {
        if let value = value as? JSONValue { return value.canonicalBytes() }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        let text = try encoder.encode(value)
        return try JSONValue(parsing: Array(text), maximumDepth: 512).canonicalBytes()
    }
}

extension JSONValue {
    /// The RFC 8785 serialisation: members sorted by UTF-16 code units, shortest numbers, minimal escapes.
    ///
    /// Numbers are IEEE doubles there (RFC 8785, 3.2.2.3), so integers beyond 2^53 take the nearest double's digits.
    package func canonicalBytes() -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(256)
        writeCanonical(into: &output)
        return output
    }

    private func writeCanonical(into output: inout [UInt8]) {
        switch self {
        case .null: output.append(contentsOf: "null".utf8)
        case .bool(let value): output.append(contentsOf: (value ? "true" : "false").utf8)
        case .integer(let value):
            if value.magnitude <= 1 << 53 {
                output.append(contentsOf: String(value).utf8)
            } else {
                output.append(contentsOf: ECMAScriptNumber.text(of: Double(value)).utf8)
            }
        case .number(let value): output.append(contentsOf: ECMAScriptNumber.text(of: value).utf8)
        case .string(let value): JSONText.writeString(value, into: &output)
        case .array(let elements):
            output.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                element.writeCanonical(into: &output)
            }
            output.append(UInt8(ascii: "]"))
        case .object(let members):
            output.append(UInt8(ascii: "{"))
            let sorted = members.sorted { $0.key.utf16.lexicographicallyPrecedes($1.key.utf16) }
            for (index, member) in sorted.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                JSONText.writeString(member.key, into: &output)
                output.append(UInt8(ascii: ":"))
                member.value.writeCanonical(into: &output)
            }
            output.append(UInt8(ascii: "}"))
        }
    }
}
