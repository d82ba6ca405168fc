// SPDX-License-Identifier: Apache-2.0

/// An object that was found by reading the file, whatever its cross-reference says.
struct RecoveredObject: Sendable {
    /// Where its value is.
    enum Place: Sendable, Equatable {
        /// Behind the keyword `obj` at this offset.
        case body(Int)
        /// The same, and where the data of the stream really is.
        case stream(Int, data: Range<Int>)
        /// A stream whose data ends with the file.
        case cutStream
        /// In an object stream.
        case contained(container: Int, index: Int)
        /// The keyword is there, but no object behind it.
        case unreadable
    }

    /// Where in the file it was defined: of two definitions the later one counts, as in other readers.
    let position: Int
    let generation: Int
    let place: Place
}

/// All that one pass over the file found.
struct ScannedFile: Sendable {
    /// The last definition of each number.
    var objects: [Int: RecoveredObject] = [:]
    /// Trailers and the dictionaries of cross-reference streams, in the order of the file.
    var trailers: [PDFDictionary] = []
    /// Object streams, in the order of the file.
    var containers: [(number: Int, position: Int)] = []
    /// Whether nothing marks the end of the file behind its last object.
    var isCut = true
    /// Marks of an end that objects follow, as each update leaves one behind.
    var earlierEnds = 0
    /// Whether the first object says that the file is linearized: then its first part ends with such a mark (F.3.1).
    var isLinearized = false
    /// The version in the header, where it is one that exists.
    var version: String?
    var notes = RepairNotes()
}
