// SPDX-License-Identifier: Apache-2.0

/// What the cross-reference sections of a file say, revision by revision, for whoever judges what a later one changed.
///
/// Only sections that the newest one leads to are listed; what else lies in the file no reader sees.
package struct RevisionHistory: Sendable {
    /// Newest first; the last is the file as it was first written.
    package let revisions: [Revision]
}

/// What one save of the document appended (ISO 32000-2, 7.5.6).
package struct Revision: Sendable {
    /// Newest first: one as a rule, two in the first revision of a linearised file (Annex F) and in Acrobat's hybrids.
    package let sections: [RevisionSection]
    /// The offset behind the revision's `%%EOF` and the line end that follows it: the length of the file at that time.
    ///
    /// The newest ends at the last marker of the file. Nil for one that stands behind it, as no honest writer does.
    package let end: Int?
}

/// One cross-reference section and what it defines.
package struct RevisionSection: Sendable {
    /// Where it begins, in bytes of the file.
    package let offset: Int
    /// Table or stream; a table with hidden entries is a hybrid (7.5.8.4).
    package let form: CrossReferenceForm
    /// Its trailer, or the dictionary of its stream.
    package let trailer: PDFDictionary
    private let section: CrossReferenceSection
    private let window: FileWindow

    init(_ section: CrossReferenceSection, window: FileWindow) {
        offset = section.offset
        form = section.form
        trailer = section.trailer
        self.section = section
        self.window = window
    }

    /// Every entry in the order in which it stands there, hidden ones last; read anew at each call.
    ///
    /// A number that stands in it twice is listed twice: the last counts here, and readers differ.
    /// - Throws: `PDFError` with `damaged` where an entry is none.
    package func entries() throws(PDFError) -> [SectionEntry] {
        try section.allEntries(in: window)
    }
}

/// What a cross-reference section says of one object.
package struct SectionEntry: Sendable, Equatable {
    /// The object number; 0 is the head of the list of free ones.
    package let number: Int
    /// Where the object is.
    package let entry: CrossReferenceEntry
    /// True for an entry of a hybrid's `/XRefStm`: it counts where the table calls the number free or says nothing.
    package let isHidden: Bool
}

extension PDFDocument {
    /// The revisions of the file; costs a look behind each section, and no entry is read yet.
    package func revisionHistory() throws(PDFError) -> RevisionHistory {
        let sections = reader.sections
        let starts = Set(sections.flatMap { [$0.stated, $0.offset] })
        var ends = [lastMarkerEnd]
        for section in sections {
            if let marker = try marker(behind: section), starts.contains(marker.start) { ends.append(marker.end) }
        }
        ends.sort()
        var revisions: [Revision] = []
        for section in sections {
            let end = ends.first { $0 >= section.end }
            var group = [RevisionSection(section, window: reader.window)]
            if let last = revisions.last, last.end == end { group = revisions.removeLast().sections + group }
            revisions.append(Revision(sections: group, end: end))
        }
        return RevisionHistory(revisions: revisions)
    }

    /// The number and the end of the `startxref` and `%%EOF` that follow a section, if any do.
    private func marker(behind section: CrossReferenceSection) throws(PDFError) -> (start: Int, end: Int)? {
        guard section.end < size else { return nil }
        return try reader.window.parse(at: section.end) { parser, origin throws(PDFError) in
            parser.skipWhitespace()
            if parser.takePrefix("endstream") { parser.skipWhitespace() }
            if parser.takePrefix("endobj") { parser.skipWhitespace() }
            guard parser.takePrefix("startxref") else { return nil }
            parser.skipWhitespace()
            guard let stated = parser.unsignedInteger(), let start = reader.window.offset(stated: stated) else {
                return nil
            }
            while let byte = parser.peek(), PDFCharacter.isWhitespace(byte) { parser.position += 1 }
            guard parser.takePrefix("%%EOF") else { return nil }
            parser.takeLineEnd()
            return (start, origin + parser.position)
        }
    }
}
