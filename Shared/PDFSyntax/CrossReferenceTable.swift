// SPDX-License-Identifier: Apache-2.0

/// A cross-reference table (ISO 32000-2, 7.5.4): entries of 20 bytes are left in the file and read one by one.
enum CrossReferenceTable {
    /// Where the entries of one subsection are.
    enum Place: Sendable {
        /// In the file from this offset, 20 bytes each.
        case inFile(Int)
        /// Read already, since they have another length.
        case irregular([CrossReferenceEntry])
    }

    private static let entryBytes = 20

    /// Reads the subsection headers and the trailer of the table at an offset, or nothing when no table is there.
    static func read(
        at offset: Int, window: FileWindow, limits: PDFLimits
    ) throws(PDFError) -> (runs: NumberRuns<Place>, trailer: PDFDictionary)? {
        let start = try window.parse(at: offset) { parser, origin throws(PDFError) -> Int? in
            parser.skipWhitespace()
            return parser.take("xref") ? origin + parser.position : nil
        }
        guard var cursor = start else { return nil }
        var runs = NumberRuns<Place>()
        for _ in 0..<(limits.maximumObjects / 16) {
            let step = try window.parse(at: cursor) { parser, origin throws(PDFError) in
                try self.step(&parser, origin: origin, limits: limits)
            }
            switch step {
            case .trailer(let trailer): return (runs, trailer)
            case .run(let first, let count, let entries):
                let run = try self.run(count: count, at: entries, window: window)
                try runs.append(first..<(first + count), run.place)
                cursor = run.end
            }
        }
        throw .tooComplex("A cross-reference table has too many subsections.")
    }

    /// Looks one object up; the last subsection that names it counts.
    static func entry(
        of number: Int, in runs: NumberRuns<Place>, window: FileWindow
    ) throws(PDFError) -> CrossReferenceEntry? {
        guard let run = runs.find(number) else { return nil }
        let index = number - run.numbers.lowerBound
        let offset: Int
        switch run.place {
        case .irregular(let entries): return entries[index]
        case .inFile(let first): offset = first + index * entryBytes
        }
        return try parsedEntry(window.bytes(offset..<(offset + entryBytes)))
    }

    private enum Step {
        case run(first: Int, count: Int, entries: Int)
        case trailer(PDFDictionary)
    }

    private static func step(
        _ parser: inout PDFParser, origin: Int, limits: PDFLimits
    ) throws(PDFError) -> Step {
        parser.skipWhitespace()
        if parser.take("trailer") {
            guard case .dictionary(let trailer) = try parser.object() else {
                throw .damaged("The trailer is not a dictionary.")
            }
            return .trailer(trailer)
        }
        guard let first = parser.unsignedInteger() else {
            throw .damaged("A cross-reference table ends without a trailer.")
        }
        parser.skipWhitespace()
        guard let count = parser.unsignedInteger() else {
            throw .damaged("A cross-reference subsection has no length.")
        }
        guard first <= limits.maximumObjects, count <= limits.maximumObjects - first else {
            throw .tooComplex("The cross-reference table numbers more than \(limits.maximumObjects) objects.")
        }
        parser.skipWhitespace()
        return .run(first: first, count: count, entries: origin + parser.position)
    }

    /// Accepts a subsection as regular when its first and last entry are; anything else is read entry by entry.
    private static func run(
        count: Int, at offset: Int, window: FileWindow
    ) throws(PDFError) -> (place: Place, end: Int) {
        let end = offset + count * entryBytes
        if count == 0 { return (.inFile(offset), offset) }
        let firstEntry = try window.bytes(offset..<(offset + entryBytes))
        let lastEntry = try window.bytes((end - entryBytes)..<end)
        if isRegular(firstEntry), isRegular(lastEntry) { return (.inFile(offset), end) }
        guard count <= window.size / 16 else { throw .damaged("A cross-reference table is shorter than it says.") }
        var entries: [CrossReferenceEntry] = []
        var cursor = offset
        while entries.count < count {
            // Entries of 18 or 19 bytes are the common mistake; a hundred of them fit the first slice of a window.
            let wanted = min(100, count - entries.count)
            let part = try window.parse(at: cursor) { parser, origin throws(PDFError) in
                var part: [CrossReferenceEntry] = []
                for _ in 0..<wanted { part.append(try entry(&parser)) }
                return (entries: part, end: origin + parser.position)
            }
            entries += part.entries
            cursor = part.end
        }
        return (.irregular(entries), cursor)
    }

    private static func entry(_ parser: inout PDFParser) throws(PDFError) -> CrossReferenceEntry {
        parser.skipWhitespace()
        guard let offset = parser.unsignedInteger() else { throw badEntry }
        parser.skipWhitespace()
        guard let generation = parser.unsignedInteger() else { throw badEntry }
        parser.skipWhitespace()
        if parser.take("n") { return .atOffset(offset, generation: generation) }
        guard parser.take("f") else { throw badEntry }
        return .free
    }

    private static func isRegular(_ entry: [UInt8]) -> Bool {
        guard entry.count == entryBytes, entry[10] == 0x20, entry[16] == 0x20 else { return false }
        guard entry[17] == UInt8(ascii: "n") || entry[17] == UInt8(ascii: "f") else { return false }
        let isEnd = (entry[18] == 0x20 || entry[18] == 0x0D) && (entry[19] == 0x0A || entry[19] == 0x0D)
        return isEnd && (0..<16).allSatisfy { $0 == 10 || (48...57).contains(entry[$0]) }
    }

    private static func parsedEntry(_ entry: [UInt8]) throws(PDFError) -> CrossReferenceEntry {
        guard isRegular(entry) else { throw badEntry }
        if entry[17] == UInt8(ascii: "f") { return .free }
        let offset = entry[0..<10].reduce(0) { $0 * 10 + Int($1 - 48) }
        let generation = entry[11..<16].reduce(0) { $0 * 10 + Int($1 - 48) }
        return .atOffset(offset, generation: generation)
    }

    private static var badEntry: PDFError { .damaged("A cross-reference table holds an entry that is none.") }
}
