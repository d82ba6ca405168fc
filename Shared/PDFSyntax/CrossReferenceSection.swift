// SPDX-License-Identifier: Apache-2.0

/// Where an object is (ISO 32000-2, 7.5.4 and 7.5.8.3).
package enum CrossReferenceEntry: Sendable, Equatable {
    /// Not there, or no longer; readers take a reference to it as null.
    case free
    /// Begins at that byte of the file.
    case atOffset(Int, generation: Int)
    /// The object at an index, from 0, of the object stream with that number.
    case inStream(number: Int, index: Int)
}

/// The two forms of a cross-reference section; an update must have that of the section before it.
package enum CrossReferenceForm: Sendable, Equatable {
    /// `xref` and `trailer`.
    case table
    /// A stream of type `/XRef`.
    case stream
}

/// One section: its trailer, and enough to look a single object up without reading the rest.
struct CrossReferenceSection: Sendable {
    /// How the entries are stored.
    enum Entries: Sendable {
        case table(NumberRuns<CrossReferenceTable.Place>)
        case stream(CrossReferenceStream)
    }

    /// Where `startxref` or `/Prev` says that it is, in bytes of the file.
    let stated: Int
    /// Where its first token stands.
    let offset: Int
    let trailer: PDFDictionary
    let entries: Entries
    /// Where the section ends: behind the trailer dictionary, or behind the stream's data.
    let end: Int
    /// The stream of a hybrid file that holds what its table hides (7.5.8.4).
    var hidden: CrossReferenceStream?

    var form: CrossReferenceForm {
        switch entries {
        case .table: .table
        case .stream: .stream
        }
    }

    /// One more than the largest object number that has an entry.
    var upperBound: Int {
        let own =
            switch entries {
            case .table(let runs): runs.upperBound
            case .stream(let stream): stream.upperBound
            }
        return max(own, hidden?.upperBound ?? 0)
    }

    /// What looking an object up costs, as work.
    var searchCost: Int {
        switch entries {
        case .table(let runs): runs.searchCost + (hidden?.searchCost ?? 0)
        case .stream(let stream): stream.searchCost
        }
    }

    /// The entry of an object; nil where an older section decides.
    func entry(of number: Int, in window: FileWindow) throws(PDFError) -> CrossReferenceEntry? {
        switch entries {
        case .stream(let stream): return try stream.entry(of: number)
        case .table(let runs):
            let found = try CrossReferenceTable.entry(of: number, in: runs, window: window)
            guard let hidden, found == nil || found == .free else { return found }
            return try hidden.entry(of: number) ?? found
        }
    }
    /// Everything that the section says, in the order in which it says it, what it hides last.
    func allEntries(in window: FileWindow) throws(PDFError) -> [SectionEntry] {
        var all: [SectionEntry] = []
        switch entries {
        case .stream(let stream): try stream.appendEntries(to: &all, isHidden: false)
        case .table(let runs): try CrossReferenceTable.appendEntries(of: runs, window: window, to: &all)
        }
        try hidden?.appendEntries(to: &all, isHidden: true)
        return all
    }
}
