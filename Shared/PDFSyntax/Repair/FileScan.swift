// SPDX-License-Identifier: Apache-2.0

/// Reads a file once from its beginning and notes each object, trailer and sign of a signature.
struct FileScan {
    private static let object = Array("obj".utf8)
    private static let trailer = Array("trailer".utf8)
    private static let endOfFile = Array("%%EOF".utf8)
    private static let byteRange = Array("/ByteRange".utf8)

    private let window: FileWindow
    private let limits: PDFLimits
    private var result = ScannedFile()
    private var piece: [UInt8] = []
    private var origin = 0
    private var wasted = 0
    private var definitions = 0
    private var lengths: StreamLengths

    /// - Throws: `PDFError` when the file is signed, encrypted, no PDF, or beyond a limit.
    static func run(_ window: FileWindow, limits: PDFLimits) throws(PDFError) -> ScannedFile {
        var scan = FileScan(window: window, limits: limits, lengths: StreamLengths(window: window, limits: limits))
        try scan.readHeader()
        try scan.readAll()
        // A container that was defined again is replaced with all that it held.
        scan.result.containers.removeAll { scan.result.objects[$0.number]?.position != $0.position }
        return scan.result
    }

    private init(window: FileWindow, limits: PDFLimits, lengths: StreamLengths) {
        self.window = window
        self.limits = limits
        self.lengths = lengths
    }

    private mutating func readHeader() throws(PDFError) {
        let offset = try FileStructure.headerOffset(window, limits: limits)
        let text = try window.bytes((offset + 5)..<(offset + 8))
        let version = String(decoding: text, as: UTF8.self)
        let known = (0...7).map { "1.\($0)" } + ["2.0"]
        if known.contains(version) {
            result.version = version
        } else {
            result.notes.add("The header names a version of PDF that does not exist.")
        }
        if offset > 0 { result.notes.add("There were \(offset) bytes before the header.") }
    }

    // MARK: Keywords

    private enum Keyword {
        case object(number: Int, generation: Int, body: Int)
        case trailer(body: Int)
        case endOfFile(behind: Int)
        case signature
    }

    private mutating func readAll() throws(PDFError) {
        var position = 0
        while let keyword = try next(from: &position) {
            switch keyword {
            case .object(let number, let generation, let body):
                position = try takeObject(number, generation, body: body)
            case .trailer(let body):
                position = try takeTrailer(body)
            case .endOfFile(let behind):
                result.isCut = false
                position = behind
            case .signature: throw Self.signed
            }
        }
    }

    /// The next keyword at or behind a position, which moves along.
    private mutating func next(from position: inout Int) throws(PDFError) -> Keyword? {
        while position < window.size {
            try load(position)
            let end = origin + piece.count
            let last = end == window.size ? end : end - RepairLimits.lookAheadBytes
            while position < last {
                let index = position - origin
                position += 1
                switch piece[index] {
                case UInt8(ascii: "o") where matches(Self.object, index):
                    if let found = numbers(before: index) {
                        return .object(number: found.number, generation: found.generation, body: origin + index + 3)
                    }
                case UInt8(ascii: "t") where matches(Self.trailer, index): return .trailer(body: origin + index + 7)
                case UInt8(ascii: "%") where matches(Self.endOfFile, index):
                    return .endOfFile(behind: origin + index + 5)
                case UInt8(ascii: "/") where matches(Self.byteRange, index): return .signature
                default: continue
                }
            }
        }
        return nil
    }

    private mutating func load(_ position: Int) throws(PDFError) {
        let end = origin + piece.count
        let isInside = position >= origin && (position < end - RepairLimits.lookAheadBytes || end == window.size)
        if isInside, !piece.isEmpty { return }
        origin = max(0, position - RepairLimits.lookBehindBytes)
        piece = try window.bytes(origin..<(origin + RepairLimits.pieceBytes))
        try window.account.spend(piece.count)
        guard origin + piece.count > position else {
            throw PDFError(.sourceUnreadable, "The document ended while it was read; try again.")
        }
    }

    private func matches(_ keyword: [UInt8], _ index: Int) -> Bool {
        guard piece.count - index >= keyword.count else { return false }
        for offset in 1..<keyword.count where piece[index + offset] != keyword[offset] { return false }
        return true
    }

    /// The numbers before `obj`, read backwards: digits, white space, digits.
    private func numbers(before index: Int) -> (number: Int, generation: Int)? {
        var cursor = index
        skipWhitespace(backwards: &cursor)
        guard let generation = digits(backwards: &cursor), generation <= 65_535 else { return nil }
        let afterNumber = cursor
        skipWhitespace(backwards: &cursor)
        guard cursor < afterNumber, let number = digits(backwards: &cursor) else { return nil }
        guard (1..<limits.maximumObjects).contains(number) else { return nil }
        // "endobj" and "%%EOF" may touch the next number; any other letter belongs to it.
        guard cursor > 0, PDFCharacter.isRegular(piece[cursor - 1]) else { return (number, generation) }
        let before = piece[max(0, cursor - 6)..<cursor]
        guard before.elementsEqual("endobj".utf8) || before.suffix(5).elementsEqual("%%EOF".utf8) else { return nil }
        return (number, generation)
    }

    private func skipWhitespace(backwards cursor: inout Int) {
        while cursor > 0, PDFCharacter.isWhitespace(piece[cursor - 1]) { cursor -= 1 }
    }

    private func digits(backwards cursor: inout Int) -> Int? {
        var value = 0
        var scale = 1
        let end = cursor
        while cursor > 0, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(piece[cursor - 1]) {
            guard end - cursor < 10 else { return nil }
            cursor -= 1
            value += Int(piece[cursor] - 48) * scale
            scale *= 10
        }
        return cursor < end ? value : nil
    }

    // MARK: Objects

    private typealias Parsed = (object: PDFObject, end: Int, dataOffset: Int?)

    /// Records the definition and says where to go on.
    private mutating func takeObject(_ number: Int, _ generation: Int, body: Int) throws(PDFError) -> Int {
        definitions += 1
        guard definitions <= 2 * limits.maximumObjects else {
            throw .tooComplex("The file defines more than \(2 * limits.maximumObjects) objects.")
        }
        if !result.isCut { result.earlierEnds += 1 }
        result.isCut = true
        var place = RecoveredObject.Place.unreadable
        var end = body
        if let parsed = try parsed(at: body) {
            end = parsed.end
            place = .body(body)
            try Self.check(parsed.object)
            if definitions == 1, parsed.object.dictionaryValue?["Linearized"] != nil { result.isLinearized = true }
            if let dataOffset = parsed.dataOffset, let dictionary = parsed.object.dictionaryValue {
                (place, end) = try takeStream(number, dictionary, body: body, dataOffset: dataOffset)
            }
        } else {
            result.notes.add("Object \(number) at offset \(body) cannot be read.")
        }
        result.objects[number] = RecoveredObject(position: body, generation: generation, place: place)
        return end
    }

    private mutating func takeStream(
        _ number: Int, _ dictionary: PDFDictionary, body: Int, dataOffset: Int
    ) throws(PDFError) -> (RecoveredObject.Place, Int) {
        let found = try lengths.find(dictionary["Length"], dataOffset: dataOffset)
        guard let found else {
            result.notes.add("The file ends inside stream \(number).")
            return (.cutStream, window.size)
        }
        if !found.isAsStated { result.notes.add("The stated length of stream \(number) was wrong.") }
        switch dictionary["Type"]?.nameValue {
        case "XRef": try takeTrailer(dictionary)
        case "ObjStm": result.containers.append((number, body))
        default: break
        }
        return (.stream(body, data: found.data), found.resume)
    }

    /// The value behind `obj`; nil where there is none.
    private mutating func parsed(at body: Int) throws(PDFError) -> Parsed? {
        let start = body - origin
        var parser = PDFParser(piece, at: start, limits: limits)
        var parsed: Parsed?
        do throws(PDFError) {
            parsed = try Self.value(&parser, origin: origin)
        } catch {
            parsed = nil
        }
        if !parser.ranOut || origin + piece.count == window.size {
            try waste(parser.position - (parsed.map { $0.end - origin } ?? start))
            return parsed
        }
        var reached = 0
        do throws(PDFError) {
            let found = try window.parse(at: body) { parser, origin throws(PDFError) in
                defer { reached += parser.position }
                return try Self.value(&parser, origin: origin)
            }
            reached -= found.end - body
            parsed = found
        } catch {
            guard error.code != .sourceUnreadable else { throw error }
            // What is no object is passed over; what cannot be afforded any more is not.
            try window.account.spend(0)
        }
        try waste(max(0, reached))
        return parsed
    }

    private static func value(_ parser: inout PDFParser, origin: Int) throws(PDFError) -> Parsed {
        parser.skipWhitespace()
        // An object without a value is null in every reader.
        if parser.take("endobj") { return (.null, origin + parser.position, nil) }
        let object = try parser.object()
        let end = origin + parser.position
        guard case .dictionary = object else { return (object, end, nil) }
        parser.skipWhitespace()
        guard parser.takePrefix("stream") else { return (object, end, nil) }
        if parser.peek() == 0x0D { parser.position += 1 }
        if parser.peek() == 0x0A { parser.position += 1 }
        return (object, origin + parser.position, origin + parser.position)
    }

    /// What is no object may be parsed in vain, but only so often that the pass stays one pass.
    private mutating func waste(_ bytes: Int) throws(PDFError) {
        wasted += bytes
        guard wasted <= max(RepairLimits.minimumWasted, window.size * RepairLimits.wastedFactor) else {
            throw .tooComplex("The file holds too much that looks like objects and is none.")
        }
    }

    // MARK: Trailers

    private mutating func takeTrailer(_ body: Int) throws(PDFError) -> Int {
        guard let parsed = try parsed(at: body), case .dictionary(let trailer) = parsed.object else { return body }
        try takeTrailer(trailer)
        result.isCut = false
        return parsed.end
    }

    private mutating func takeTrailer(_ trailer: PDFDictionary) throws(PDFError) {
        guard result.trailers.count < limits.maximumSections else {
            throw .tooComplex("The file has more than \(limits.maximumSections) trailers.")
        }
        guard trailer["Encrypt"] == nil || trailer["Encrypt"] == .null else { throw Self.encrypted }
        result.trailers.append(trailer)
    }

    // MARK: What is never repaired

    static var signed: PDFError {
        .damaged("The document is damaged and carries a signature, so it is not repaired: that would break it.")
    }

    private static var encrypted: PDFError {
        PDFError(.encrypted, "The document is damaged and encrypted, so it cannot be repaired.")
    }

    /// Refuses signatures, and encryption dictionaries that no trailer names any more, at any depth.
    static func check(_ object: PDFObject) throws(PDFError) {
        switch object {
        case .array(let elements): for element in elements { try check(element) }
        case .dictionary(let dictionary): try check(dictionary)
        case .stream(let stream): try check(stream.dictionary)
        default: return
        }
    }

    private static func check(_ dictionary: PDFDictionary) throws(PDFError) {
        let type = dictionary["Type"]?.nameValue
        let isField = dictionary["FT"]?.nameValue == "Sig" && dictionary["V"] != nil && dictionary["V"] != .null
        guard dictionary["ByteRange"] == nil, type != "Sig", type != "DocTimeStamp", !isField else { throw signed }
        let keys = ["Filter", "V", "O", "U", "P"]
        guard !keys.allSatisfy({ dictionary[$0] != nil }) else { throw encrypted }
        for entry in dictionary.entries { try check(entry.value) }
    }
}
