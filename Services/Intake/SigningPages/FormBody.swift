// SPDX-License-Identifier: Apache-2.0
import ByteCoding

/// The texts of a form by name; the first of repeated names counts.
struct FormBody: Sendable, Equatable {
    private(set) var values: [String: String] = [:]

    /// A form without texts.
    init() {}

    /// Reads `application/x-www-form-urlencoded`; nil when a part is no UTF-8 or has a broken percent sequence.
    init?(_ bytes: [UInt8]) {
        for part in bytes.split(separator: UInt8(ascii: "&")) {
            let pair = part.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.decode(pair[0]), let value = Self.decode(pair.count > 1 ? pair[1] : []) else {
                return nil
            }
            add(value, as: name)
        }
    }

    subscript(name: String) -> String? { values[name] }

    mutating func add(_ value: String, as name: String) {
        if values[name] == nil { values[name] = value }
    }

    private static func decode(_ bytes: ArraySlice<UInt8>) -> String? {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            switch bytes[index] {
            case UInt8(ascii: "+"): result.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard index + 2 < bytes.endIndex,
                    let byte = Hex.decode(String(decoding: bytes[(index + 1)...(index + 2)], as: UTF8.self))?.first
                else { return nil }
                result.append(byte)
                index += 2
            default: result.append(bytes[index])
            }
            index += 1
        }
        return String(validating: result, as: UTF8.self)
    }
}
