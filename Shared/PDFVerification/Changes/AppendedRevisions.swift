// SPDX-License-Identifier: Apache-2.0
import PDFSyntax

/// The bytes behind a signed revision: which numbers their sections define, and whether anything lies there unlisted.
struct AppendedRevisions {
    /// Numbers that later sections may name, entries of objects that stay where they were included.
    private static let maximumEntries = 4_000_000
    /// Entries that may point at no object.
    private static let maximumFailures = 1_000

    private let document: PDFDocument
    private let revisions: [Revision]
    /// By revision, oldest first.
    private var numbers: [[Int]] = []
    private var findings: [[ChangeFinding]] = []
    private var taken = 0
    private var known: [Range<Int>] = []
    private var covered = 0
    private var failures = 0
    /// What is wrong behind the last revision.
    private(set) var tailFindings: [ChangeFinding] = []

    /// - Parameter revisions: Those behind the base, oldest first.
    init(document: PDFDocument, base: PDFDocument, revisions: [Revision]) throws(PDFError) {
        self.document = document
        self.revisions = revisions
        var count = 0
        for revision in revisions {
            var defined: Set<Int> = []
            var own: [ChangeFinding] = []
            for section in revision.sections {
                if section.offset < base.size {
                    own.append(Self.finding("a section within the signed bytes was put in force"))
                }
                let entries = try section.entries()
                count += entries.count
                guard count <= Self.maximumEntries else {
                    throw PDFError(.tooComplex, "The later revisions list more than \(Self.maximumEntries) objects.")
                }
                defined.formUnion(entries.map(\.number))
                own += Self.contradictions(in: entries)
                try addExtents(of: entries, behind: base.size)
                // A stream need not list itself; a table holds no object.
                for offset in [section.offset, section.trailer["XRefStm"]?.integerValue ?? section.offset] {
                    if let extent = try? document.extent(ofObjectAt: offset) { known.append(extent) }
                }
            }
            numbers.append(defined.sorted())
            findings.append(own)
        }
        tailFindings = try unlisted(from: base.size)
    }

    /// Every number that a later section names, and those of the appearances that filling a field may leave.
    func numbersOfInterest(fields: FieldTable) -> Set<Int> {
        var interest = Set(numbers.joined())
        for node in fields.nodes.values {
            if let appearance = node.dictionary["AP"]?.referenceValue { interest.insert(appearance.number) }
        }
        return interest
    }

    /// Numbers that stand elsewhere in a later state than in an earlier one, in order.
    func changes(upTo index: Int, from old: PDFDocument, to new: PDFDocument) throws(PDFError) -> [Int] {
        var changed: [Int] = []
        let defined = Set(numbers[taken...index].joined())
        for number in defined.sorted() where number != 0 {
            let before = try old.entry(of: number)
            let after = try new.entry(of: number)
            if before == after, !isInStream(after, of: defined) { continue }
            if isUnused(before), isUnused(after) { continue }
            changed.append(number)
        }
        return changed
    }

    /// What is wrong with the revisions up to one, and not reported yet.
    mutating func takeFindings(upTo index: Int) -> [ChangeFinding] {
        defer { taken = index + 1 }
        return Array(findings[taken...index].joined())
    }

    /// An object can stay in place while its object stream is written anew.
    private func isInStream(_ entry: CrossReferenceEntry?, of defined: Set<Int>) -> Bool {
        if case .inStream(let container, _) = entry { return defined.contains(container) }
        return false
    }

    private func isUnused(_ entry: CrossReferenceEntry?) -> Bool { entry == nil || entry == .free }

    // MARK: Ambiguity

    private static func finding(_ what: String) -> ChangeFinding {
        ChangeFinding(object: "file", what, .forbidden(why: "Readers differ in which of the objects they show."))
    }

    /// Numbers that one section defines twice, or that a hybrid defines differently for old and new readers.
    private static func contradictions(in entries: [SectionEntry]) -> [ChangeFinding] {
        var places: [Int: CrossReferenceEntry] = [:]
        var found: [ChangeFinding] = []
        for entry in entries where entry.entry != .free {
            if let other = places[entry.number], other != entry.entry {
                found.append(
                    ChangeFinding(
                        entry.number, "is defined twice in one revision",
                        .forbidden(why: "Readers differ in which of the two they show.")))
            }
            places[entry.number] = entry.entry
        }
        return found
    }

    // MARK: Unlisted objects

    private mutating func addExtents(of entries: [SectionEntry], behind start: Int) throws(PDFError) {
        for case .atOffset(let offset, _) in entries.map(\.entry) where offset >= start {
            guard let extent = try? document.extent(ofObjectAt: offset) else {
                failures += 1
                continue
            }
            known.append(extent)
            covered += extent.count
        }
        // Honest objects lie side by side.
        guard failures <= Self.maximumFailures, covered <= 2 * document.size else {
            throw PDFError(.tooComplex, "The later revisions hold too many objects that overlap or cannot be read.")
        }
    }

    /// Objects and trailers behind the signed bytes that no section accounts for: readers that repair files use them.
    private func unlisted(from start: Int) throws(PDFError) -> [ChangeFinding] {
        var position = start
        // A table has a trailer of its own.
        var trailers = revisions.lazy.flatMap(\.sections).count { $0.form == .table }
        let end = document.size..<document.size
        for extent in known.sorted(by: { $0.lowerBound < $1.lowerBound }) + [end] {
            if extent.lowerBound > position {
                let found = try search(position..<extent.lowerBound)
                trailers -= found.trailers
                if found.hasObject { return [Self.finding("objects were appended that no section lists")] }
            }
            position = max(position, extent.upperBound)
        }
        return trailers < 0 ? [Self.finding("a trailer was appended that belongs to no section")] : []
    }

    /// Looks in a stretch of bytes for the beginning of an object, `12 0 obj`, and counts trailers.
    private func search(_ range: Range<Int>) throws(PDFError) -> (hasObject: Bool, trailers: Int) {
        let overlap = 64
        var trailers = 0
        var start = range.lowerBound
        while start < range.upperBound {
            let end = min(start + (1 << 20), range.upperBound)
            let first = max(range.lowerBound, start - overlap)
            let bytes = try document.bytes(first..<min(end + 6, range.upperBound))
            for index in (start - first)..<max(start - first, min(end - first, bytes.count)) {
                switch bytes[index] {
                case UInt8(ascii: "o"):
                    guard bytes[index...].starts(with: "obj".utf8), follows(number: 2, before: index, in: bytes) else {
                        continue
                    }
                    return (true, trailers)
                case UInt8(ascii: "t"):
                    if bytes[index...].starts(with: "trailer".utf8) { trailers += 1 }
                default: break
                }
            }
            start = end
        }
        return (false, trailers)
    }

    /// Whether that many numbers end right before an index.
    private func follows(number count: Int, before index: Int, in bytes: [UInt8]) -> Bool {
        var position = index
        for turn in 0..<count {
            let gap = position
            while position > 0, [0x20, 0x0A, 0x0D, 0x09, 0x00, 0x0C].contains(bytes[position - 1]) { position -= 1 }
            if turn > 0, gap == position { return false }
            let digits = position
            while position > 0, (48...57).contains(bytes[position - 1]) { position -= 1 }
            if digits == position { return false }
        }
        return true
    }
}
