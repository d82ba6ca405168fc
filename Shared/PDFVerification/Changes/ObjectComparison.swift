// SPDX-License-Identifier: Apache-2.0
import PDFSyntax

/// Whether two objects mean the same to a reader, however they are written.
enum ObjectComparison {
    /// References are equal when they name the same address; null equals nothing at all.
    static func isSame(_ left: PDFObject?, _ right: PDFObject?) -> Bool {
        switch (left ?? .null, right ?? .null) {
        case (.array(let old), .array(let new)):
            return old.count == new.count && zip(old, new).allSatisfy { isSame($0, $1) }
        case (.dictionary(let old), .dictionary(let new)):
            return isSame(old, new)
        case (.integer, .real), (.real, .integer), (.real, .real):
            return left?.numberValue == right?.numberValue
        case (let old, let new):
            return old == new
        }
    }

    /// The order of entries means nothing; a key that stands there twice differs from one that does not.
    static func isSame(_ left: PDFDictionary, _ right: PDFDictionary) -> Bool {
        let old = left.entries.filter { $0.value != .null }
        let new = right.entries.filter { $0.value != .null }
        guard old.count == new.count else { return false }
        let values = Dictionary(old.map { ($0.key, $0.value) }) { $1 }
        return Set(new.map(\.key)).count == values.count
            && new.allSatisfy { entry in values[entry.key].map { isSame($0, entry.value) } ?? false }
    }

    /// Keys whose values differ.
    static func differences(_ left: PDFDictionary, _ right: PDFDictionary) -> [String] {
        let old = Dictionary(left.entries.map { ($0.key, $0.value) }) { $1 }
        let new = Dictionary(right.entries.map { ($0.key, $0.value) }) { $1 }
        let keys = Set(old.keys).union(new.keys).sorted().filter { !isSame(old[$0], new[$0]) }
        // Readers differ in which of two equal keys they believe.
        let isAmbiguous = new.count < right.entries.count && old.count == left.entries.count
        return isAmbiguous ? keys + [ambiguousKey] : keys
    }

    /// Stands among the differences for a key that a dictionary holds twice; no dictionary has it.
    static let ambiguousKey = "/"

    /// The addresses that a value names, those in nested values included.
    static func references(in object: PDFObject?) -> [PDFReference] {
        var found: [PDFReference] = []
        collect(object ?? .null, &found)
        return found
    }

    /// How much was parsed to get an object: its values and the bytes of its strings.
    static func weight(of object: PDFObject) -> Int {
        switch object {
        case .string(let bytes), .real(let bytes): 1 + bytes.count
        case .array(let elements): elements.reduce(1) { $0 + weight(of: $1) }
        case .dictionary(let dictionary): dictionary.entries.reduce(1) { $0 + weight(of: $1.value) }
        case .stream(let stream): stream.dictionary.entries.reduce(1) { $0 + weight(of: $1.value) }
        default: 1
        }
    }

    private static func collect(_ object: PDFObject, _ found: inout [PDFReference]) {
        switch object {
        case .reference(let reference): found.append(reference)
        case .array(let elements): for element in elements { collect(element, &found) }
        case .dictionary(let dictionary): for entry in dictionary.entries { collect(entry.value, &found) }
        case .stream(let stream): for entry in stream.dictionary.entries { collect(entry.value, &found) }
        default: break
        }
    }
}
