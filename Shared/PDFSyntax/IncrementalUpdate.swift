// SPDX-License-Identifier: Apache-2.0
import Cryptography

/// The bytes of one incremental update (ISO 32000-2, 7.5.6), written object by object behind an unchanged file.
package struct IncrementalUpdate: Sendable {
    private let document: PDFDocument
    private var offsets: [(reference: PDFReference, offset: Int)] = []
    private var nextNumber: Int
    /// What follows the file so far; callers may append the body of an object that they began.
    package private(set) var bytes: [UInt8] = []

    /// Begins with a line end where the file has none.
    package init(of document: PDFDocument) {
        self.document = document
        nextNumber = document.objectCount
        bytes.reserveCapacity(16 << 10)
        if !document.endsWithLineEnd { bytes.append(0x0A) }
    }

    /// A number that the file does not use.
    /// - Throws: `PDFError` with `tooComplex` when the numbers are used up.
    package mutating func newReference() throws(PDFError) -> PDFReference {
        guard nextNumber < document.limits.maximumObjects else {
            throw .tooComplex("The document has more than \(document.limits.maximumObjects) objects.")
        }
        defer { nextNumber += 1 }
        return PDFReference(number: nextNumber)
    }

    /// Writes an object under its address.
    package mutating func write(_ object: PDFObject, at reference: PDFReference) {
        let object = encrypted(object, at: reference)
        write(at: reference) { PDFSerializer.append(object, to: &$0) }
    }

    /// Writes a dictionary under its address.
    package mutating func write(_ dictionary: PDFDictionary, at reference: PDFReference) {
        write(.dictionary(dictionary), at: reference)
    }

    /// Writes a stream; its data is already as its filters say.
    package mutating func write(_ dictionary: PDFDictionary, data: [UInt8], at reference: PDFReference) {
        var dictionary = dictionary
        var data = data
        if let encryption = document.encryption {
            data = encryption.encrypted(data, of: dictionary, at: reference)
            dictionary = encryption.encrypted(streamDictionary: dictionary, at: reference)
        }
        dictionary["Length"] = .integer(data.count)
        write(at: reference) { output in
            PDFSerializer.append(dictionary, to: &output)
            output.append(ascii: "\nstream\n")
            output += data
            output.append(ascii: "\nendstream")
        }
    }

    /// What an object is written as at an address: in an encrypted document with its strings encrypted for it.
    ///
    /// Only bodies that a caller appends itself need it; the `/Contents` of a signature stays clear (ISO 32000-2, 7.6.2).
    package func encrypted(_ object: PDFObject, at reference: PDFReference) -> PDFObject {
        document.encryption?.encrypted(object, at: reference) ?? object
    }

    /// Writes an object whose body the caller appends; positions in the array are offsets behind the file's end.
    ///
    /// Strings in the body are the caller's to pass through `encrypted(_:at:)`.
    package mutating func write(at reference: PDFReference, body: (inout [UInt8]) -> Void) {
        offsets.append((reference, end))
        bytes.append(decimal: reference.number)
        bytes.append(0x20)
        bytes.append(decimal: reference.generation)
        bytes.append(ascii: " obj\n")
        body(&bytes)
        bytes.append(ascii: "\nendobj\n")
    }

    /// Where the next byte will stand, counted as the offsets of the file count.
    private var end: Int { document.size + bytes.count - document.offsetBase }

    /// Ends the update with a section of the same form as the file's last one.
    package consuming func finish() throws(PDFError) -> [UInt8] {
        switch document.crossReferenceForm {
        case .table: try appendTable()
        case .stream: try appendStream()
        }
        return bytes
    }

    private mutating func appendTable() throws(PDFError) {
        offsets.sort { $0.reference.number < $1.reference.number }
        let start = end
        bytes.append(ascii: "xref\n")
        for run in runs {
            bytes.append(decimal: offsets[run.lowerBound].reference.number)
            bytes.append(0x20)
            bytes.append(decimal: run.count)
            bytes.append(0x0A)
            for entry in offsets[run] {
                bytes.append(decimal: entry.offset, width: 10)
                bytes.append(0x20)
                bytes.append(decimal: entry.reference.generation, width: 5)
                bytes.append(ascii: " n\r\n")
            }
        }
        bytes.append(ascii: "trailer\n")
        PDFSerializer.append(try trailer(size: nextNumber), to: &bytes)
        appendEnd(start)
    }

    private mutating func appendStream() throws(PDFError) {
        let own = try newReference()
        let start = end
        offsets.append((own, start))
        offsets.sort { $0.reference.number < $1.reference.number }
        var data: [UInt8] = []
        for entry in offsets {
            data.append(1)
            for shift in stride(from: 32, through: 0, by: -8) {
                data.append(UInt8(truncatingIfNeeded: entry.offset >> shift))
            }
            data.append(UInt8(truncatingIfNeeded: entry.reference.generation >> 8))
            data.append(UInt8(truncatingIfNeeded: entry.reference.generation))
        }
        var dictionary = try trailer(size: nextNumber)
        dictionary["Type"] = .name("XRef")
        dictionary["W"] = .array([.integer(1), .integer(5), .integer(2)])
        dictionary["Index"] = .array(
            runs.flatMap { [.integer(offsets[$0.lowerBound].reference.number), .integer($0.count)] })
        write(dictionary, data: data, at: own)
        appendEnd(start)
    }

    /// Everything of the last trailer but what describes that section itself (Tables 15 and 17).
    private func trailer(size: Int) throws(PDFError) -> PDFDictionary {
        var entries: [(key: String, value: PDFObject)] = []
        entries.reserveCapacity(document.trailer.entries.count + 5)
        for entry in document.trailer.entries {
            switch entry.key {
            case "Size", "Prev", "XRefStm", "Type", "W", "Index", "Length", "Filter", "DecodeParms", "F", "FFilter",
                "FDecodeParms", "DL":
                continue
            default: entries.append(entry)
            }
        }
        entries.append(("Size", .integer(size)))
        entries.append(("Prev", .integer(document.crossReferenceOffset - document.offsetBase)))
        var trailer = PDFDictionary(entries)
        if let identifier = try identifier() { trailer["ID"] = identifier }
        return trailer
    }

    /// The file identifier: its first half stays, its second changes with every update (14.4), and always in the same way.
    private func identifier() throws(PDFError) -> PDFObject? {
        guard let halves = try document.resolved(document.trailer["ID"]).arrayValue, halves.count == 2,
            let second = try document.resolved(halves[1]).stringValue
        else { return nil }
        var text = second
        text.append(decimal: document.size)
        text.append(0x20)
        text.append(decimal: bytes.count)
        return .array([try document.resolved(halves[0]), .string(Array(SHA256.digest(of: text).prefix(16)))])
    }

    private mutating func appendEnd(_ start: Int) {
        bytes.append(ascii: "\nstartxref\n")
        bytes.append(decimal: start)
        bytes.append(ascii: "\n%%EOF\n")
    }

    /// Stretches of consecutive object numbers, as indices into the sorted offsets.
    private var runs: [Range<Int>] {
        var runs: [Range<Int>] = []
        for (index, entry) in offsets.enumerated() {
            if let last = runs.last, offsets[index - 1].reference.number + 1 == entry.reference.number {
                runs[runs.count - 1] = last.lowerBound..<(index + 1)
            } else {
                runs.append(index..<(index + 1))
            }
        }
        return runs
    }
}
