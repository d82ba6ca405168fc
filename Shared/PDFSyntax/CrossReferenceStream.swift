// SPDX-License-Identifier: Apache-2.0

/// The decoded entries of a cross-reference stream (ISO 32000-2, 7.5.8).
struct CrossReferenceStream: Sendable {
    private let data: [UInt8]
    /// Of the three fields; what follows them in a row is passed over.
    private let widths: (Int, Int, Int)
    private let rowBytes: Int
    private let base: Int
    /// Each with the row of its first entry.
    private let runs: NumberRuns<Int>

    /// One more than the largest object number that has an entry.
    var upperBound: Int { runs.upperBound }
    var searchCost: Int { runs.searchCost }

    /// - Parameters:
    ///   - offset: Where the stream object stands, for messages.
    ///   - base: What the offsets in it are counted from.
    init(
        dictionary: PDFDictionary, data: [UInt8], at offset: Int, base: Int, limits: PDFLimits
    ) throws(PDFError) {
        guard let widths = dictionary["W"]?.arrayValue?.compactMap(\.integerValue), (3...16).contains(widths.count),
            widths.allSatisfy({ (0...8).contains($0) }), widths[1] > 0
        else { throw .damaged("The cross-reference stream at byte \(offset) of the file has no usable /W.") }
        rowBytes = widths.reduce(0, +)
        let size = dictionary["Size"]?.integerValue ?? data.count / rowBytes
        guard size >= 0, size <= limits.maximumObjects else {
            throw .tooComplex(
                "The cross-reference stream at byte \(offset) of the file names more than \(limits.maximumObjects) "
                    + "objects.")
        }
        let index = dictionary["Index"]?.arrayValue?.map { $0.integerValue ?? -1 } ?? [0, size]
        guard index.count % 2 == 0 else {
            throw .damaged("The cross-reference stream at byte \(offset) of the file has an odd /Index.")
        }
        var runs = NumberRuns<Int>()
        var row = 0
        for pair in stride(from: 0, to: index.count, by: 2) {
            let first = index[pair]
            let count = index[pair + 1]
            guard first >= 0, count >= 0, first <= limits.maximumObjects, count <= limits.maximumObjects - first else {
                throw .damaged("The cross-reference stream at byte \(offset) of the file has an /Index out of bounds.")
            }
            try runs.append(first..<(first + count), row, limits: limits)
            row += count
            guard row <= data.count / rowBytes else {
                throw .damaged("The cross-reference stream at byte \(offset) of the file is shorter than it says.")
            }
        }
        self.data = data
        self.widths = (widths[0], widths[1], widths[2])
        self.base = base
        self.runs = runs
    }

    /// The entry of an object; nil where an older section decides.
    func entry(of number: Int) throws(PDFError) -> CrossReferenceEntry? {
        guard let run = runs.find(number) else { return nil }
        return try entry(row: run.place + number - run.numbers.lowerBound)
    }

    func appendEntries(to all: inout [SectionEntry], isHidden: Bool) throws(PDFError) {
        for run in runs.all {
            for number in run.numbers {
                let entry = try entry(row: run.place + number - run.numbers.lowerBound)
                all.append(SectionEntry(number: number, entry: entry, isHidden: isHidden))
            }
        }
    }

    private func entry(row: Int) throws(PDFError) -> CrossReferenceEntry {
        var cursor = row * rowBytes
        let kind = widths.0 > 0 ? try field(&cursor, widths.0) : 1
        let first = try field(&cursor, widths.1)
        let second = try field(&cursor, widths.2)
        switch kind {
        case 0: return .free
        case 1: return first == 0 ? .free : .atOffset(first + base, generation: second)
        case 2: return .inStream(number: first, index: second)
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
