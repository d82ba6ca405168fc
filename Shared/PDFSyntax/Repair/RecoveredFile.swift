// SPDX-License-Identifier: Apache-2.0

/// Looks objects up by what one pass over the file found, instead of by its cross-reference.
struct RecoveredFile {
    let window: FileWindow
    let limits: PDFLimits
    private(set) var scan: ScannedFile
    /// Whether an object stream is lost, and nobody knows what it held.
    private(set) var hasLostStreams = false
    private var streams: [Int: ObjectStream] = [:]
    private var replacements: [PDFReference: PDFDictionary] = [:]

    init(_ window: FileWindow, limits: PDFLimits) throws(PDFError) {
        self.window = window
        self.limits = limits
        scan = try FileScan.run(window, limits: limits)
        try openObjectStreams()
    }

    /// The object at an address; nil where the file defines none.
    /// - Throws: `PDFError` with `damaged` when what is there cannot be read.
    func object(_ reference: PDFReference) throws(PDFError) -> PDFObject? {
        if let replacement = replacements[reference] { return .dictionary(replacement) }
        guard let found = scan.objects[reference.number], found.generation == reference.generation else { return nil }
        switch found.place {
        case .unreadable: throw .damaged("Object \(reference.number), which the document uses, cannot be read.")
        case .cutStream: throw .damaged("The file ends inside object \(reference.number), which the document uses.")
        case .contained(let container, let index):
            guard var stream = streams[container] else { return nil }
            let offset = try stream.offset(of: reference.number, index: index, account: window.account, limits: limits)
            var parser = PDFParser(stream.data, at: offset, place: .objectStream(container), limits: limits)
            return try parser.object()
        case .body(let offset): return try value(at: offset)
        case .stream(let offset, let data):
            guard let dictionary = try value(at: offset).dictionaryValue else {
                throw PDFError(.sourceUnreadable, "The document changed while it was read; try again.")
            }
            return .stream(PDFStream(dictionary: dictionary, dataOffset: data.lowerBound))
        }
    }

    /// Puts another dictionary in the place of an object, or adds one under a number that no object has.
    mutating func set(_ dictionary: PDFDictionary, at reference: PDFReference?) -> PDFReference {
        let reference = reference ?? PDFReference(number: (scan.objects.keys.max() ?? 0) + 1)
        replacements[reference] = dictionary
        return reference
    }

    /// The decoded data of a stream, as far as its filters are known.
    func decoded(_ stream: PDFStream, at number: Int) throws(PDFError) -> [UInt8] {
        guard let range = data(of: number) else { throw .damaged("Object \(number) is no stream.") }
        let chain = try StreamFilter.chain(stream.dictionary, limits: limits)
        return try StreamFilter.decode(
            window.slice(range), chain: chain, at: range.lowerBound, account: window.account, limits: limits)
    }

    /// The dictionary at an address; nil where there is none, or none that can be read.
    func readableDictionary(_ reference: PDFReference) -> PDFDictionary? {
        guard let object = try? object(reference), case .dictionary(let dictionary) = object else { return nil }
        return dictionary
    }

    /// Where the data of a stream is; nil when the object is none.
    func data(of number: Int) -> Range<Int>? {
        guard case .stream(_, let data) = scan.objects[number]?.place else { return nil }
        return data
    }

    /// Follows references, nothing becoming null.
    func resolved(_ object: PDFObject?) throws(PDFError) -> PDFObject {
        var current = object ?? .null
        for _ in 0..<16 {
            guard case .reference(let reference) = current else { return current }
            current = try self.object(reference) ?? .null
        }
        throw .damaged("References lead to one another in a circle.")
    }

    /// The value behind `obj`, which the scan read before.
    private func value(at offset: Int) throws(PDFError) -> PDFObject {
        try window.parse(at: offset) { parser, _ throws(PDFError) in
            parser.skipWhitespace()
            return parser.take("endobj") ? .null : try parser.object()
        }
    }

    // MARK: Object streams

    private mutating func openObjectStreams() throws(PDFError) {
        var total = 0
        for container in scan.containers {
            do throws(PDFError) {
                var stream = try objectStream(container.number)
                let numbers = try stream.numbers(account: window.account, limits: limits)
                for (index, number) in numbers.enumerated() where (1..<limits.maximumObjects).contains(number) {
                    if let known = scan.objects[number], known.position > container.position { continue }
                    scan.objects[number] = RecoveredObject(
                        position: container.position, generation: 0,
                        place: .contained(container: container.number, index: index))
                }
                streams[container.number] = stream
                total += stream.data.count
            } catch {
                guard error.code == .damaged || error.code == .unsupported else { throw error }
                hasLostStreams = true
                scan.notes.add("Object stream \(container.number) cannot be opened: \(RepairNotes.cause(error))")
            }
            guard total <= RepairLimits.maximumObjectStreamBytes else {
                throw .tooComplex("The object streams of the document are too large to repair it.")
            }
        }
    }

    private func objectStream(_ number: Int) throws(PDFError) -> ObjectStream {
        guard let generation = scan.objects[number]?.generation,
            case .stream(let stream) = try object(PDFReference(number: number, generation: generation))
        else { throw .damaged("It is no stream.") }
        return try ObjectStream(
            number: number, dictionary: stream.dictionary, data: decoded(stream, at: number))
    }
}
