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
    /// A subsection header or the keyword `trailer` fits into so many bytes.
    private static let headerBytes = 64

    /// Reads the subsection headers and the trailer of the table whose keyword stands at an offset.
    static func read(
        at offset: Int, window: FileWindow, limits: PDFLimits
    ) throws(PDFError) -> (runs: NumberRuns<Place>, trailer: PDFDictionary, end: Int) {
        var cursor = try window.parse(at: offset) { parser, origin throws(PDFError) in
            parser.skipWhitespace()
            _ = parser.take("xref")
            return origin + parser.position
        }
        var runs = NumberRuns<Place>()
        while true {
            let isFirst = runs.all.isEmpty
            let step = try window.parse(at: cursor) { parser, origin throws(PDFError) in
                try self.step(&parser, origin: origin, isFirst: isFirst, limits: limits)
            }
            for run in step.regular { try runs.append(run.numbers, .inFile(run.entries), limits: limits) }
            switch step.end {
            case .trailer(let trailer, let end): return (runs, trailer, end)
            case .more(let next): cursor = next
            case .run(let first, let count, let entries):
                let run = try self.run(count: count, at: entries, window: window, limits: limits)
                let start = try self.start(first, run.place, isFirst: isFirst && step.regular.isEmpty, window: window)
                try runs.append(start..<(start + count), run.place, limits: limits)
                cursor = run.end
            }
        }
    }

    /// Looks one object up; the first subsection that names it counts.
    static func entry(
        of number: Int, in runs: NumberRuns<Place>, window: FileWindow
    ) throws(PDFError) -> CrossReferenceEntry? {
        guard let run = runs.find(number) else { return nil }
        let index = number - run.numbers.lowerBound
        switch run.place {
        case .irregular(let entries): return entries[index]
        case .inFile(let first):
            let offset = first + index * entryBytes
            return try parsedEntry(
                window.slice(offset..<(offset + entryBytes)), index: 0, at: offset, base: window.base)
        }
    }

    /// Appends what every subsection says, in file order.
    static func appendEntries(
        of runs: NumberRuns<Place>, window: FileWindow, to all: inout [SectionEntry]
    ) throws(PDFError) {
        for run in runs.all {
            switch run.place {
            case .irregular(let entries):
                for (number, entry) in zip(run.numbers, entries) {
                    all.append(SectionEntry(number: number, entry: entry, isHidden: false))
                }
            case .inFile(let first):
                var number = run.numbers.lowerBound
                while number < run.numbers.upperBound {
                    let count = min(1_000, run.numbers.upperBound - number)
                    let start = first + (number - run.numbers.lowerBound) * entryBytes
                    let part = try window.slice(start..<(start + count * entryBytes))
                    try window.account.spend(part.count)
                    for index in 0..<count {
                        let entry = try parsedEntry(part, index: index, at: start, base: window.base)
                        all.append(SectionEntry(number: number + index, entry: entry, isHidden: false))
                    }
                    number += count
                }
            }
        }
    }

    // MARK: Subsections

    private struct Step {
        enum End {
            /// A subsection that reaches beyond the slice, or has other entries than those of 20 bytes.
            case run(first: Int, count: Int, entries: Int)
            case more(Int)
            case trailer(PDFDictionary, end: Int)
        }

        var regular: [(numbers: Range<Int>, entries: Int)] = []
        var end: End
    }

    /// Reads as many small subsections as the slice holds.
    private static func step(
        _ parser: inout PDFParser, origin: Int, isFirst: Bool, limits: PDFLimits
    ) throws(PDFError) -> Step {
        var step = Step(end: .more(0))
        while true {
            parser.skipWhitespace()
            if parser.take("trailer") {
                guard case .dictionary(let trailer) = try parser.object() else {
                    throw parser.damaged("The trailer is not a dictionary")
                }
                step.end = .trailer(trailer, end: origin + parser.position)
                return step
            }
            guard let first = parser.unsignedInteger() else {
                throw parser.damaged("A cross-reference table ends without a trailer")
            }
            parser.skipWhitespace()
            guard let count = parser.unsignedInteger() else {
                throw parser.damaged("A cross-reference subsection has no length")
            }
            guard first <= limits.maximumObjects, count <= limits.maximumObjects - first else {
                throw .tooComplex("The cross-reference table numbers more than \(limits.maximumObjects) objects.")
            }
            parser.skipWhitespace()
            let entries = parser.position
            let end = entries + count * entryBytes
            let isNumbered = !(isFirst && first == 1 && step.regular.isEmpty)
            guard isNumbered, count > 0, end + headerBytes <= parser.bytes.count,
                isRegular(parser.bytes[...], at: entries), isRegular(parser.bytes[...], at: end - entryBytes)
            else {
                step.end = .run(first: first, count: count, entries: origin + entries)
                return step
            }
            step.regular.append((first..<(first + count), origin + entries))
            parser.position = end
            if end + 4 * headerBytes > parser.bytes.count {
                step.end = .more(origin + end)
                return step
            }
        }
    }

    /// Accepts a subsection as regular when its first and last entry are; anything else is read entry by entry.
    private static func run(
        count: Int, at offset: Int, window: FileWindow, limits: PDFLimits
    ) throws(PDFError) -> (place: Place, end: Int) {
        let end = offset + count * entryBytes
        if count == 0 { return (.inFile(offset), offset) }
        let firstEntry = try window.slice(offset..<(offset + entryBytes))
        let lastEntry = try window.slice((end - entryBytes)..<end)
        if isRegular(firstEntry, at: firstEntry.startIndex), isRegular(lastEntry, at: lastEntry.startIndex) {
            return (.inFile(offset), end)
        }
        guard count <= window.size / 16 else {
            throw .damaged("The cross-reference table at byte \(offset) of the file is shorter than it says.")
        }
        window.account.overlook(.entryLength)
        var entries: [CrossReferenceEntry] = []
        var cursor = offset
        while entries.count < count {
            // Entries of 18 or 19 bytes are the common mistake; a hundred of them fit the first slice of a window.
            let wanted = min(100, count - entries.count)
            let part = try window.parse(at: cursor) { parser, origin throws(PDFError) in
                var part: [CrossReferenceEntry] = []
                for _ in 0..<wanted { part.append(try entry(&parser, base: window.base)) }
                return (entries: part, end: origin + parser.position)
            }
            entries += part.entries
            cursor = part.end
        }
        return (.irregular(entries), cursor)
    }

    /// A table that begins with the head of the free list begins with object 0, whatever it says; readers agree.
    private static func start(
        _ first: Int, _ place: Place, isFirst: Bool, window: FileWindow
    ) throws(PDFError) -> Int {
        guard isFirst, first == 1 else { return first }
        switch place {
        case .irregular(let entries): guard entries.first == .free else { return first }
        case .inFile(let offset):
            guard try window.bytes(offset..<(offset + 18)) == Array("0000000000 65535 f".utf8) else { return first }
        }
        window.account.overlook(.tableNumbering)
        return 0
    }

    // MARK: Entries

    private static func entry(_ parser: inout PDFParser, base: Int) throws(PDFError) -> CrossReferenceEntry {
        parser.skipWhitespace()
        guard let offset = parser.unsignedInteger(), offset <= 1 << 48 else { throw badEntry(parser) }
        parser.skipWhitespace()
        guard let generation = parser.unsignedInteger() else { throw badEntry(parser) }
        parser.skipWhitespace()
        if parser.take("n") { return offset == 0 ? .free : .atOffset(offset + base, generation: generation) }
        guard parser.take("f") else { throw badEntry(parser) }
        return .free
    }

    private static func isRegular(_ bytes: ArraySlice<UInt8>, at start: Int) -> Bool {
        guard start + entryBytes <= bytes.endIndex, bytes[start + 10] == 0x20, bytes[start + 16] == 0x20 else {
            return false
        }
        guard bytes[start + 17] == UInt8(ascii: "n") || bytes[start + 17] == UInt8(ascii: "f") else { return false }
        let ends = (bytes[start + 18], bytes[start + 19])
        guard ends.0 == 0x20 || ends.0 == 0x0D, ends.1 == 0x0A || ends.1 == 0x0D else { return false }
        for index in 0..<16 where index != 10 && !PDFCharacter.isDigit(bytes[start + index]) { return false }
        return true
    }

    private static func parsedEntry(
        _ bytes: ArraySlice<UInt8>, index: Int, at offset: Int, base: Int
    ) throws(PDFError) -> CrossReferenceEntry {
        let start = bytes.startIndex + index * entryBytes
        guard isRegular(bytes, at: start) else {
            throw .damaged("There is no cross-reference entry at byte \(offset + index * entryBytes) of the file.")
        }
        if bytes[start + 17] == UInt8(ascii: "f") { return .free }
        var place = 0
        for digit in bytes[start..<(start + 10)] { place = place * 10 + Int(digit - 48) }
        var generation = 0
        for digit in bytes[(start + 11)..<(start + 16)] { generation = generation * 10 + Int(digit - 48) }
        return place == 0 ? .free : .atOffset(place + base, generation: generation)
    }

    private static func badEntry(_ parser: PDFParser) -> PDFError {
        parser.damaged("A cross-reference table holds an entry that is none")
    }
}
