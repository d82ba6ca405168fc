// SPDX-License-Identifier: Apache-2.0
import PDFSyntax

/// Something in the file's structure that is not as it should be.
struct StructureProblem: Equatable {
    private static let maximumObjects = 200_000
    private static let maximumProblems = 50

    /// The byte of the file; nil where the fault has no one place.
    let offset: Int?
    let what: String

    static func find(
        in document: PDFDocument, history: RevisionHistory, header: [UInt8]
    ) throws(PDFError) -> [StructureProblem] {
        var problems: [StructureProblem] = []
        let start = header.indices.first { header[$0...].starts(with: "%PDF-".utf8) } ?? 0
        if start > 0 { problems.append(StructureProblem(offset: 0, what: "\(start) bytes stand before the header")) }
        for revision in history.revisions where revision.end == nil {
            problems.append(
                StructureProblem(
                    offset: revision.sections.first?.offset,
                    what: "no startxref with this cross-reference section's address follows it"))
        }
        if let end = history.revisions.first?.end, end < document.size {
            let rest = document.size - end
            problems.append(StructureProblem(offset: end, what: "\(rest) bytes follow the last end-of-file marker"))
        }
        problems += try unreadableObjects(in: document, history: history)
        for (slip, what) in slips where document.irregularities.contains(slip) {
            problems.append(StructureProblem(offset: nil, what: what))
        }
        return problems
    }

    /// What was overlooked in reading; known only after the objects were read.
    private static let slips: [(PDFIrregularities, String)] = [
        (.offsetsBeforeHeader, "offsets count the bytes before the header"),
        (.startOffset, "startxref is a few bytes off"), (.previousOffset, "a /Prev is a few bytes off"),
        (.tableNumbering, "a cross-reference table counts from 1"),
        (.entryLength, "cross-reference entries are not 20 bytes long"),
        (.objectOffset, "objects begin a few bytes from where the cross-reference says"),
        (.objectIndex, "objects stand elsewhere in their object stream than the cross-reference says"),
        (.streamLength, "streams are longer or shorter than they say"),
        (.compressedData, "compressed data ends early or with a wrong checksum"),
        (.incompleteTrailer, "the newest trailer leaves out the catalog"),
    ]

    private static func unreadableObjects(
        in document: PDFDocument, history: RevisionHistory
    ) throws(PDFError) -> [StructureProblem] {
        var problems: [StructureProblem] = []
        var visited: Set<Int> = []
        for section in history.revisions.flatMap(\.sections) {
            for entry in try section.entries() where visited.insert(entry.number).inserted && entry.entry != .free {
                guard visited.count <= maximumObjects, problems.count < maximumProblems else { return problems }
                let reference: PDFReference
                var offset: Int?
                switch entry.entry {
                case .atOffset(let place, let generation):
                    offset = place
                    reference = PDFReference(number: entry.number, generation: generation)
                case .inStream, .free: reference = PDFReference(number: entry.number)
                }
                do throws(PDFError) {
                    _ = try document.object(reference)
                } catch {
                    if error.code == .sourceUnreadable { throw error }
                    problems.append(StructureProblem(offset: offset, what: "object \(entry.number): \(error.detail)"))
                }
            }
        }
        return problems
    }
}
