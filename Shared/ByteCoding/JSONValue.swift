// SPDX-License-Identifier: Apache-2.0

/// Any JSON text as a value; `Codable`, so that a message can carry JSON that Paraph does not interpret.
package indirect enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    /// A number written without fraction and exponent that fits 64 bits.
    case integer(Int64)
    /// Every other number; never infinite and never NaN.
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    /// Parses strict RFC 8259 text: UTF-8 is checked, a key may stand once in an object, nothing may follow the value.
    /// - Throws: `JSONValueError` with the byte offset of the first fault.
    package init(parsing bytes: [UInt8], maximumDepth: Int = 32) throws(JSONValueError) {
        var parser = JSONParser(bytes, maximumDepth: maximumDepth)
        self = try parser.parseText()
    }

    /// The member of an object; nil for a missing key and for any other kind of value.
    package subscript(key: String) -> JSONValue? {
        objectValue?[key]
    }

    /// The text of a string.
    package var stringValue: String? {
        if case .string(let value) = self { value } else { nil }
    }

    /// The value of an integer, also of a number without fraction such as `1.0` or `1e3`.
    package var intValue: Int? {
        switch self {
        case .integer(let value): Int(value)
        case .number(let value): Int(exactly: value)
        case .null, .bool, .string, .array, .object: nil
        }
    }

    /// The value of any number.
    package var doubleValue: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        case .null, .bool, .string, .array, .object: nil
        }
    }

    /// The value of `true` or `false`.
    package var boolValue: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The elements of an array.
    package var arrayValue: [JSONValue]? {
        if case .array(let value) = self { value } else { nil }
    }

    /// The members of an object.
    package var objectValue: [String: JSONValue]? {
        if case .object(let value) = self { value } else { nil }
    }
}

/// Where and why a JSON text was refused.
package struct JSONValueError: Error, Equatable {
    /// What is wrong at the offset.
    package enum Reason: String, Sendable {
        case unexpectedEnd = "the text ends too early"
        case unexpectedByte = "a character that is not allowed here"
        case invalidNumber = "a number that JSON does not allow"
        case numberOutOfRange = "a number beyond double precision"
        case invalidEscape = "an escape sequence that JSON does not allow"
        case controlCharacter = "a control character inside a string"
        case invalidUTF8 = "bytes that are not UTF-8"
        case duplicateKey = "a key that stands twice in one object"
        case tooDeep = "more nested levels than allowed"
        case trailingBytes = "something after the end of the value"
    }

    package let reason: Reason
    /// Counted in bytes from the start of the text.
    package let offset: Int
}

extension JSONValue: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([JSONValue].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByFloatLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(floatLiteral value: Double) { self = .number(value) }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    package init(nilLiteral: ()) { self = .null }
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(Dictionary(elements, uniquingKeysWith: { $1 }))
    }
}
