// SPDX-License-Identifier: Apache-2.0

/// The decoded entries of a cross-reference stream (ISO 32000-2, 7.5.8).
struct CrossReferenceStream: Sendable {
    private let data: [UInt8]
    private let widths: [Int]
    /// Each with the row of its first entry.
    private let runs: NumberRuns<Int>

    /// One more than the largest object number that has an entry.
    var upperBound: Int { runs.upperBound }

    init(dictionary: PDFDictionary, data: [UInt8], limits: PDFLimits) throws(PDFError) {
        guard let widths = dictionary["W"]?.arrayValue?.compactMap(\.integerValue), widths.count == 3,
            widths.allSatisfy({ (0...8).contains($0) }), widths[1] > 0
        else { throw .damaged("A cross-reference stream has no usable /W.") }
        guard let size = dictionary["Size"]?.integerValue, size >= 0, size <= limits.maximumObjects else {
            throw .tooComplex("A cross-reference stream names more than \(limits.maximumObjects) objects, or no /Size.")
        }
        let index = dictionary["Index"]?.arrayValue?.compactMap(\.integerValue) ?? [0, size]
        guard index.count % 2 == 0, index.count <= limits.maximumObjects / 8 else {
            throw .damaged("A cross-reference stream has an odd /Index.")
        }
        var runs = NumberRuns<Int>()
        var row = 0
        for pair in stride(from: 0, to: index.count, by: 2) {
            let first = index[pair]
            let count = index[pair + 1]
            guard first >= 0, count >= 0, first <= limits.maximumObjects, count <= limits.maximumObjects - first else {
                throw .damaged("A cross-reference stream has an /Index out of bounds.")
            }
            try runs.append(first..<(first + count), row)
            row += count
        }
        guard row * widths.reduce(0, +) <= data.count else {
            throw .damaged("A cross-reference stream is shorter than its /Index.")
        }
        self.data = data
        self.widths = widths
        self.runs = runs
    }

    /// The entry of an object; nil where an older section decides.
    func entry(of number: Int) throws(PDFError) -> CrossReferenceEntry? {
        guard let run = runs.find(number) else { return nil }
        var cursor = (run.place + number - run.numbers.lowerBound) * widths.reduce(0, +)
        var fields = (1, 0, 0)
        if widths[0] > 0 { fields.0 = try field(&cursor, widths[0]) }
        fields.1 = try field(&cursor, widths[1])
        fields.2 = try field(&cursor, widths[2])
        switch fields.0 {
        case 0: return .free
        case 1: return .atOffset(fields.1, generation: fields.2)
        case 2: return .inStream(number: fields.1, index: fields.2)
        // "Any other value shall be interpreted as a reference to the null object" (Table 18).
        default: return .free
        }
    }

    private func field(_ cursor: inout Int, _ width: Int) throws(PDFError) -> Int {
        var value = 0
        for _ in 0..<width {
            guard value < 1 << 48 else { throw .damaged("A cross-reference stream holds a number out of bounds.") }
            value = value << 8 | Int(data[cursor])
            cursor += 1
        }
        return value
    }
}
