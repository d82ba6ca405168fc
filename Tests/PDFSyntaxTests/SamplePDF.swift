// SPDX-License-Identifier: Apache-2.0

/// Builds small files with a correct cross-reference around given objects; object n is element n − 1.
struct SamplePDF {
    var objects: [String]
    var root = 1
    var trailer = ""
    var endsWithLineEnd = true
    /// What stands before the header; offsets count it.
    var prefix = ""

    /// One page of 400 × 300 points.
    static let onePage = SamplePDF(objects: [
        "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 400 300]>>",
        "<</Type/Page/Parent 2 0 R>>",
    ])

    /// The file with a table; `entryEnd` is what ends each of its entries.
    func table(entryEnd: String = " \n") -> [UInt8] {
        var text = prefix + "%PDF-1.7\n"
        var offsets: [Int] = []
        for (index, object) in objects.enumerated() {
            offsets.append(text.utf8.count)
            text += "\(index + 1) 0 obj\n\(object)\nendobj\n"
        }
        let start = text.utf8.count
        text += "xref\n0 \(objects.count + 1)\n0000000000 65535 f\(entryEnd)"
        for offset in offsets { text += "\(Self.padded(offset, 10)) 00000 n\(entryEnd)" }
        text += "trailer\n<</Size \(objects.count + 1)/Root \(root) 0 R\(trailer)>>\nstartxref\n\(start)\n%%EOF"
        return Array((text + (endsWithLineEnd ? "\n" : "")).utf8)
    }

    /// The file with everything in one object stream and a cross-reference stream, both uncompressed.
    func streams() -> [UInt8] {
        let container = objects.count + 1
        var header = ""
        var body = ""
        for (index, object) in objects.enumerated() {
            header += "\(index + 1) \(body.utf8.count) "
            body += object + " "
        }
        var text = prefix + "%PDF-1.7\n"
        let containerOffset = text.utf8.count
        text += "\(container) 0 obj\n<</Type/ObjStm/N \(objects.count)/First \(header.utf8.count)"
        text += "/Length \((header + body).utf8.count)>>\nstream\n\(header)\(body)\nendstream\nendobj\n"
        let start = text.utf8.count
        var rows = "00 000000 0000 "
        for index in objects.indices { rows += "02 \(Self.hex(container, 6)) \(Self.hex(index, 4)) " }
        rows += "01 \(Self.hex(containerOffset, 6)) 0000 01 \(Self.hex(start, 6)) 0000>"
        text += "\(container + 1) 0 obj\n<</Type/XRef/W[1 3 2]/Size \(container + 2)/Root \(root) 0 R\(trailer)"
        text += "/Filter/ASCIIHexDecode/Length \(rows.utf8.count)>>\nstream\n\(rows)\nendstream\nendobj\n"
        return Array((text + "startxref\n\(start)\n%%EOF\n").utf8)
    }

    static func padded(_ value: Int, _ width: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: width - text.count) + text
    }

    static func hex(_ value: Int, _ width: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: width - text.count) + text
    }
}

/// A small generator whose numbers are the same on every run.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
