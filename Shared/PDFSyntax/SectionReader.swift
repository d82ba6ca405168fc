// SPDX-License-Identifier: Apache-2.0

/// Reads the chain of cross-reference sections that the newest one leads to (ISO 32000-2, 7.5.5 and 7.5.8).
struct SectionReader {
    let window: FileWindow
    let limits: PDFLimits

    private enum Kind {
        case table
        case stream(PDFStream)
    }

    private typealias Place = (stated: Int, offset: Int, kind: Kind)

    /// The sections, newest first, from the number behind `startxref`.
    func sections(from start: Int) throws(PDFError) -> [CrossReferenceSection] {
        var sections: [CrossReferenceSection] = []
        var visited: Set<Int> = []
        var next: Int? = start
        while let stated = next {
            let place = try place(stated: stated, isNewest: sections.isEmpty)
            guard visited.insert(place.offset).inserted else {
                throw .damaged("The cross-reference section at byte \(place.offset) of the file leads back to itself.")
            }
            guard visited.count <= limits.maximumSections else {
                throw .tooComplex("The file has more than \(limits.maximumSections) cross-reference sections.")
            }
            let section = try section(at: place)
            next = try previous(of: section)
            sections.append(section)
        }
        return sections
    }

    /// The number of `/Prev`; zero, as some linearised files have it, names nothing.
    private func previous(of section: CrossReferenceSection) throws(PDFError) -> Int? {
        switch section.trailer["Prev"] {
        case nil, .null: return nil
        case .reference(let reference):
            // Some writers append ` 0 R` to the number; poppler reads that as well.
            window.account.overlook(.previousOffset)
            return reference.number
        case .some(let value):
            guard let offset = value.integerValue else {
                throw .damaged("/Prev of the section at byte \(section.offset) of the file is not a number.")
            }
            return offset == 0 ? nil : offset
        }
    }

    private func section(at place: Place) throws(PDFError) -> CrossReferenceSection {
        switch place.kind {
        case .stream(let stream):
            let content = try content(of: stream, at: place.offset)
            return CrossReferenceSection(
                stated: place.stated, offset: place.offset, trailer: stream.dictionary,
                entries: .stream(content.entries), end: content.end)
        case .table:
            let table = try CrossReferenceTable.read(at: place.offset, window: window, limits: limits)
            var section = CrossReferenceSection(
                stated: place.stated, offset: place.offset, trailer: table.trailer, entries: .table(table.runs),
                end: table.end)
            if let hidden = table.trailer["XRefStm"]?.integerValue {
                guard let offset = window.offset(stated: hidden) else { throw outside(hidden, "/XRefStm") }
                guard case (let start, .stream(let stream))? = try kind(at: offset) else {
                    throw .damaged("There is no cross-reference stream at byte \(offset) of the file.")
                }
                section.hidden = try content(of: stream, at: start).entries
            }
            return section
        }
    }

    // MARK: Finding a section

    /// Where a section stands that is said to be at an offset: there, or a few bytes from there.
    private func place(stated: Int, isNewest: Bool) throws(PDFError) -> Place {
        let name = isNewest ? "startxref" : "/Prev"
        guard let offset = window.offset(stated: stated) else { throw outside(stated, name) }
        if let found = try kind(at: offset) { return (offset, found.offset, found.kind) }
        for distance in 1...limits.searchDistance {
            for candidate in [offset - distance, offset + distance] where (1..<window.size).contains(candidate) {
                let neighbours = Array(try window.bytes((candidate - 1)..<(candidate + 1)))
                guard neighbours.count == 2, !PDFCharacter.isRegular(neighbours[0]),
                    PDFCharacter.isDigit(neighbours[1]) || neighbours[1] == UInt8(ascii: "x"),
                    let found = (try? kind(at: candidate)) ?? nil
                else { continue }
                window.account.overlook(isNewest ? .startOffset : .previousOffset)
                return (offset, found.offset, found.kind)
            }
        }
        throw .damaged(
            "There is no cross-reference section at or near byte \(offset) of the file, which \(name) names.")
    }

    /// What kind of section begins at an offset, after white space at most; nil where none does.
    private func kind(at offset: Int) throws(PDFError) -> (offset: Int, kind: Kind)? {
        let start = try window.parse(at: offset) { parser, origin throws(PDFError) in
            parser.skipWhitespace()
            return (offset: origin + parser.position, isTable: parser.take("xref"))
        }
        if start.isTable { return (start.offset, .table) }
        guard start.offset < window.size,
            case .stream(let stream)? = try IndirectObject.readIfThere(
                at: start.offset, expecting: nil, window: window)?.object,
            stream.dictionary["Type"]?.nameValue == "XRef"
        else { return nil }
        return (start.offset, .stream(stream))
    }

    private func content(
        of stream: PDFStream, at offset: Int
    ) throws(PDFError) -> (entries: CrossReferenceStream, end: Int) {
        guard let length = stream.dictionary["Length"]?.integerValue else {
            throw .damaged("The cross-reference stream at byte \(offset) of the file has no direct /Length.")
        }
        let raw = try StreamData.raw(of: stream, length: length, window: window)
        let chain = try StreamFilter.chain(stream.dictionary, limits: limits)
        let data = try StreamFilter.decode(
            raw, chain: chain, at: stream.dataOffset, account: window.account, limits: limits)
        let entries = try CrossReferenceStream(
            dictionary: stream.dictionary, data: data, at: offset, base: window.base, limits: limits)
        return (entries, stream.dataOffset + raw.count)
    }

    private func outside(_ stated: Int, _ name: String) -> PDFError {
        .damaged("\(name) names byte \(stated), which is outside the file of \(window.size) bytes.")
    }
}
