// SPDX-License-Identifier: Apache-2.0

/// What a repair may cost beyond `PDFLimits`; every number keeps one pass over the file one pass.
enum RepairLimits {
    /// Bytes that are read at a time.
    static let pieceBytes = 1 << 20
    /// Bytes kept before the place of reading, where the two numbers before `obj` stand.
    static let lookBehindBytes = 64
    /// Bytes that the longest keyword needs.
    static let lookAheadBytes = 16
    /// Bytes that attempts to parse what is no object may cost, as a multiple of the file.
    static let wastedFactor = 4
    /// The same for small files.
    static let minimumWasted = 16 << 20
    /// Bytes that all object streams may decode to: they are kept, since objects are asked for in any order.
    static let maximumObjectStreamBytes = 128 << 20
    /// Sentences in the record of a repair.
    static let maximumNotes = 40
}

/// What a repair found and changed, in sentences for the audit record.
struct RepairNotes {
    private(set) var sentences: [String] = []
    private var suppressed = 0

    mutating func add(_ sentence: String) {
        guard sentences.count < RepairLimits.maximumNotes else {
            suppressed += 1
            return
        }
        sentences.append(sentence)
    }

    /// Why something was not read; the only details that quote the file are those of what is legal and not known here.
    static func cause(_ error: PDFError) -> String {
        error.code == .unsupported ? "It uses something that is not read here." : error.detail
    }

    /// All of them, with a last one that counts what was too much to list.
    var all: [String] {
        suppressed == 0 ? sentences : sentences + ["There were \(suppressed) more faults of these kinds."]
    }
}
