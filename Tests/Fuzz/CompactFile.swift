// SPDX-License-Identifier: Apache-2.0
import Compression
import PDFSyntax

/// A file with one object stream and one cross-reference stream, both written by hand so that they can be wrong.
struct CompactFile {
    private var bytes = Array("%PDF-1.7\n".utf8)
    private var offsets: [Int: Int] = [:]
    private var held: [(number: Int, text: [UInt8])] = []
    private var highest = 0

    mutating func append(_ dictionary: PDFDictionary, data: [UInt8], number: Int) {
        highest = max(highest, number)
        offsets[number] = bytes.count
        var dictionary = dictionary
        dictionary["Length"] = .integer(data.count)
        bytes += Array("\(number) 0 obj\n".utf8)
        PDFSerializer.append(dictionary, to: &bytes)
        bytes += Array("\nstream\n".utf8) + data + Array("\nendstream\nendobj\n".utf8)
    }

    /// Keeps an object for the object stream.
    mutating func hold(_ object: PDFObject, number: Int) {
        highest = max(highest, number)
        var text: [UInt8] = []
        PDFSerializer.append(object, to: &text)
        held.append((number, text))
    }

    /// Wrong in places.
    consuming func finish(root: PDFReference, _ dice: inout Dice) -> [UInt8] {
        let container = highest + 1
        let own = highest + 2
        appendContainer(container, &dice)
        let start = bytes.count
        var rows = rows(container: container, own: own, start: start)
        var dictionary = PDFDictionary([
            ("Type", .name("XRef")), ("Size", .integer(own + 1)), ("Root", .reference(root)),
            ("W", .array([.integer(1), .integer(4), .integer(2)])), ("Filter", .name("FlateDecode")),
        ])
        if dice.isOne(in: 3) { ByteMutation.change(&rows, times: 1 + dice.below(2), &dice) }
        if dice.isOne(in: 4) {
            // The same rows, each behind the filter type that leaves it as it is.
            rows = stride(from: 0, to: rows.count, by: 7).flatMap { [UInt8(0)] + rows[$0..<min($0 + 7, rows.count)] }
            dictionary["DecodeParms"] = .dictionary(
                PDFDictionary([("Predictor", .integer(10 + dice.below(6))), ("Columns", .integer(7))]))
        }
        if dice.isOne(in: 3) {
            dictionary = ObjectMutation(objectCount: own, donor: .dictionary(dictionary)).changed(dictionary, &dice)
        }
        append(dictionary, data: (try? Deflate.deflate(rows, level: .fast)) ?? [], number: own)
        return bytes + Array("startxref\n\(start)\n%%EOF\n".utf8)
    }

    private mutating func appendContainer(_ number: Int, _ dice: inout Dice) {
        var header: [UInt8] = []
        var body: [UInt8] = []
        for (number, text) in held {
            header += Array("\(number) \(body.count) ".utf8)
            body += text + [0x20]
        }
        let first = header.count
        var data = header + body
        if dice.isOne(in: 3) { ByteMutation.change(&data, times: 1 + dice.below(3), &dice) }
        var dictionary = PDFDictionary([
            ("Type", .name("ObjStm")), ("N", .integer(held.count)), ("First", .integer(first)),
            ("Filter", .name("FlateDecode")),
        ])
        if dice.isOne(in: 4) {
            dictionary = ObjectMutation(objectCount: number, donor: .null).changed(dictionary, &dice)
        }
        append(dictionary, data: (try? Deflate.deflate(data, level: .fast)) ?? [], number: number)
    }

    /// Type in one byte, offset or container in four, generation or index in two (ISO 32000-2, Table 18).
    private func rows(container: Int, own: Int, start: Int) -> [UInt8] {
        var indices: [Int: Int] = [:]
        for (index, object) in held.enumerated() { indices[object.number] = index }
        return (0...own).flatMap { number -> [UInt8] in
            let offset = number == own ? start : offsets[number]
            let (type, second, third): (UInt8, Int, Int) =
                if let offset { (1, offset, 0) } else if let index = indices[number] { (2, container, index) } else {
                    (0, 0, 65_535)
                }
            return [type] + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: second >> $0) }
                + [UInt8(truncatingIfNeeded: third >> 8), UInt8(truncatingIfNeeded: third)]
        }
    }
}
