// SPDX-License-Identifier: Apache-2.0

/// The address of an indirect object (ISO 32000-2, 7.3.10).
package struct PDFReference: Sendable, Hashable {
    /// Above 0.
    package let number: Int
    /// 0 for all but reused numbers.
    package let generation: Int

    /// Pairs number and generation.
    package init(number: Int, generation: Int = 0) {
        self.number = number
        self.generation = generation
    }
}

/// A PDF object as it stands in the file (ISO 32000-2, 7.3).
package enum PDFObject: Sendable, Equatable {
    case null
    case bool(Bool)
    case integer(Int)
    /// A number with a fraction, or beyond 64 bits, kept as its own text so that writing it back changes nothing.
    case real([UInt8])
    /// Decoded bytes.
    case string([UInt8])
    /// A name without its slash; each scalar is one byte, so names that are not UTF-8 survive.
    case name(String)
    case array([PDFObject])
    case dictionary(PDFDictionary)
    case stream(PDFStream)
    case reference(PDFReference)

    /// The value of an integer, or of a real without a fraction.
    package var integerValue: Int? {
        switch self {
        case .integer(let value): value
        case .real: numberValue.flatMap { Int(exactly: $0) }
        default: nil
        }
    }

    /// The value of an integer or a real.
    package var numberValue: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .real(let text): PDFNumberText.value(of: text)
        default: nil
        }
    }

    /// The name without its slash.
    package var nameValue: String? {
        if case .name(let name) = self { name } else { nil }
    }

    /// The decoded bytes of a string.
    package var stringValue: [UInt8]? {
        if case .string(let bytes) = self { bytes } else { nil }
    }

    /// The elements of an array.
    package var arrayValue: [PDFObject]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    /// The entries of a dictionary, or of a stream's dictionary.
    package var dictionaryValue: PDFDictionary? {
        switch self {
        case .dictionary(let dictionary): dictionary
        case .stream(let stream): stream.dictionary
        default: nil
        }
    }

    /// The address, when this is a reference.
    package var referenceValue: PDFReference? {
        if case .reference(let reference) = self { reference } else { nil }
    }
}

/// A dictionary that keeps the order of its entries; of two equal keys the last counts, as in other readers.
package struct PDFDictionary: Sendable, Equatable {
    /// Every entry as written.
    package private(set) var entries: [(key: String, value: PDFObject)]

    /// Takes the entries in the order in which they are written.
    package init(_ entries: [(key: String, value: PDFObject)] = []) {
        self.entries = entries
    }

    /// The value as written, not resolved; setting nil removes the key.
    package subscript(key: String) -> PDFObject? {
        get {
            for index in entries.indices.reversed() where entries[index].key == key { return entries[index].value }
            return nil
        }
        set {
            guard let newValue else {
                entries.removeAll { $0.key == key }
                return
            }
            guard let index = entries.lastIndex(where: { $0.key == key }) else {
                entries.append((key, newValue))
                return
            }
            entries[index].value = newValue
        }
    }

    /// Equal entries in equal order.
    package static func == (left: PDFDictionary, right: PDFDictionary) -> Bool {
        left.entries.count == right.entries.count
            && zip(left.entries, right.entries).allSatisfy { $0.key == $1.key && $0.value == $1.value }
    }
}

/// A stream whose data is still in the file (ISO 32000-2, 7.3.8).
package struct PDFStream: Sendable, Equatable {
    /// The stream dictionary.
    package let dictionary: PDFDictionary
    /// Where the data begins in the file.
    package let dataOffset: Int
    /// The address that the data is encrypted for; nil where nothing is encrypted.
    var owner: PDFReference?

    /// Whether this is a cross-reference stream, which is never encrypted (7.5.8.2).
    var isCrossReference: Bool { dictionary["Type"]?.nameValue == "XRef" }

    func replacing(dictionary: PDFDictionary) -> PDFStream {
        PDFStream(dictionary: dictionary, dataOffset: dataOffset, owner: owner)
    }
}

/// Decimal numbers without Foundation.
package enum PDFNumberText {
    /// The value of a PDF real; nil where a digit is missing.
    package static func value(of text: [UInt8]) -> Double? {
        var value = 0.0
        var scale = 0.0
        var digits = 0
        var isNegative = false
        for (index, byte) in text.enumerated() {
            switch byte {
            case UInt8(ascii: "-") where index == 0: isNegative = true
            case UInt8(ascii: "+") where index == 0: break
            case UInt8(ascii: ".") where scale == 0: scale = 1
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                digits += 1
                value = value * 10 + Double(byte - 48)
                scale *= 10
            default: return nil
            }
        }
        guard digits > 0, value.isFinite, scale.isFinite else { return nil }
        if scale > 0 { value /= scale }
        return isNegative ? -value : value
    }

    /// At most four decimals, which is far below what any device shows.
    package static func object(_ value: Double) -> PDFObject {
        let scaled = (value * 10_000).rounded()
        guard abs(scaled) < 1e15 else { return .integer(0) }
        let whole = Int(scaled)
        if whole % 10_000 == 0 { return .integer(whole / 10_000) }
        return .real(Array(text(tenThousandths: whole).utf8))
    }

    /// The same as content-stream text.
    package static func text(_ value: Double) -> String {
        switch object(value) {
        case .integer(let whole): String(whole)
        case .real(let bytes): String(decoding: bytes, as: UTF8.self)
        default: "0"
        }
    }

    private static func text(tenThousandths value: Int) -> String {
        let magnitude = value.magnitude
        var fraction = String(magnitude % 10_000)
        fraction = String(repeating: "0", count: 4 - fraction.count) + fraction
        while fraction.hasSuffix("0") { fraction.removeLast() }
        return "\(value < 0 ? "-" : "")\(magnitude / 10_000).\(fraction)"
    }
}
