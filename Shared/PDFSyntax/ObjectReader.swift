// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// Finds and parses single objects; only object streams are kept, since neighbours in one are often asked for.
final class ObjectReader: Sendable {
    private struct State {
        var objectStreams: [Int: ObjectStream] = [:]
        var decodedBytes = 0
    }

    private static let referenceHops = 16

    let window: FileWindow
    let limits: PDFLimits
    /// Newest first.
    let sections: [CrossReferenceSection]
    private let state = Mutex(State())

    init(window: FileWindow, limits: PDFLimits, startOffset: Int) throws(PDFError) {
        self.window = window
        self.limits = limits
        var budget = 0
        sections = try Self.readSections(window: window, limits: limits, startOffset: startOffset, budget: &budget)
        state.withLock { $0.decodedBytes = budget }
    }

    // MARK: Objects

    /// The object at an address; null where there is none (ISO 32000-2, 7.3.10).
    func object(_ reference: PDFReference) throws(PDFError) -> PDFObject {
        switch try entry(of: reference.number) {
        case nil, .free: return .null
        case .atOffset(let offset, let generation):
            guard generation == reference.generation else { return .null }
            return try indirectObject(at: offset, expecting: reference.number).object
        case .inStream(let number, let index):
            guard reference.generation == 0 else { return .null }
            return try objectStream(number).object(reference.number, index: index, limits: limits)
        }
    }

    /// Follows references until something else is found.
    func resolved(_ object: PDFObject) throws(PDFError) -> PDFObject {
        var current = object
        for _ in 0..<Self.referenceHops {
            guard case .reference(let reference) = current else { return current }
            current = try self.object(reference)
        }
        throw .damaged("References lead to one another in a circle.")
    }

    /// The newest section's word on an object.
    func entry(of number: Int) throws(PDFError) -> CrossReferenceEntry? {
        for section in sections {
            if let found = try section.entry(of: number, in: window) { return found }
        }
        return nil
    }

    /// The object that begins at an offset, with its number and where it ends.
    func indirectObject(at offset: Int, expecting number: Int?) throws(PDFError) -> (number: Int, object: PDFObject) {
        try Self.indirectObject(at: offset, expecting: number, window: window)
    }

    // MARK: Streams

    /// The decoded data of a stream.
    func decoded(_ stream: PDFStream) throws(PDFError) -> [UInt8] {
        guard let length = try resolved(stream.dictionary["Length"] ?? .null).integerValue else {
            throw .damaged("A stream has no /Length.")
        }
        let spent = state.withLock { $0.decodedBytes }
        var budget = spent
        let data = try Self.decoded(stream, length: length, window: window, limits: limits, budget: &budget)
        let cost = budget - spent
        state.withLock { $0.decodedBytes += cost }
        return data
    }

    private func objectStream(_ number: Int) throws(PDFError) -> ObjectStream {
        if let kept = state.withLock({ $0.objectStreams[number] }) { return kept }
        // Object streams are themselves never compressed into another one (7.5.7), so this cannot recurse.
        guard case .atOffset(let offset, _) = try entry(of: number),
            case .stream(let stream) = try indirectObject(at: offset, expecting: number).object
        else { throw .damaged("Object stream \(number) is missing.") }
        let lengthEntry = try resolvedLength(of: stream)
        let decoded = try ObjectStream(
            dictionary: stream.dictionary, data: decoded(lengthEntry), limits: limits)
        state.withLock { $0.objectStreams[number] = decoded }
        return decoded
    }

    /// An object stream's /Length must not lead back into an object stream.
    private func resolvedLength(of stream: PDFStream) throws(PDFError) -> PDFStream {
        guard let reference = stream.dictionary["Length"]?.referenceValue else { return stream }
        guard case .atOffset(let offset, _) = try entry(of: reference.number) else {
            throw .damaged("The /Length of an object stream is not where it can be read.")
        }
        var dictionary = stream.dictionary
        dictionary["Length"] = try indirectObject(at: offset, expecting: reference.number).object
        return PDFStream(dictionary: dictionary, dataOffset: stream.dataOffset)
    }

    // MARK: Reading without an instance

    private static func indirectObject(
        at offset: Int, expecting number: Int?, window: FileWindow
    ) throws(PDFError) -> (number: Int, object: PDFObject) {
        try window.parse(at: offset) { parser, origin throws(PDFError) in
            parser.skipWhitespace()
            guard let found = parser.unsignedInteger() else { throw notThere(number, offset) }
            parser.skipWhitespace()
            guard parser.unsignedInteger() != nil else { throw notThere(number, offset) }
            parser.skipWhitespace()
            guard parser.takePrefix("obj"), number == nil || number == found else {
                throw notThere(number, offset)
            }
            let object = try parser.object()
            guard case .dictionary(let dictionary) = object else { return (found, object) }
            parser.skipWhitespace()
            guard parser.takePrefix("stream") else { return (found, object) }
            if parser.peek() == 0x0D { parser.position += 1 }
            if parser.peek() == 0x0A { parser.position += 1 }
            return (found, .stream(PDFStream(dictionary: dictionary, dataOffset: origin + parser.position)))
        }
    }

    private static func notThere(_ number: Int?, _ offset: Int) -> PDFError {
        guard let number else { return .damaged("No object begins at offset \(offset).") }
        return .damaged("Object \(number) does not begin at offset \(offset), where the cross-reference says.")
    }

    private static func decoded(
        _ stream: PDFStream, length: Int, window: FileWindow, limits: PDFLimits, budget: inout Int
    ) throws(PDFError) -> [UInt8] {
        guard length >= 0, length <= window.size - stream.dataOffset else {
            throw .damaged("A stream is longer than the file.")
        }
        let chain = try StreamFilter.chain(stream.dictionary, limits: limits)
        var data = try window.bytes(stream.dataOffset..<(stream.dataOffset + length))
        for step in chain {
            let allowance = min(
                limits.maximumStreamOutput, limits.maximumTotalOutput - budget,
                max(1 << 20, data.count.multipliedReportingOverflow(by: limits.maximumInflationRatio).partialValue))
            guard allowance > 0 else { throw .tooComplex("The streams of the document are too large when opened.") }
            data = try StreamFilter.decode(
                data, filter: step.name, parameters: step.parameters, maximumBytes: allowance)
            budget += data.count
        }
        return data
    }

    // MARK: Sections

    private static func readSections(
        window: FileWindow, limits: PDFLimits, startOffset: Int, budget: inout Int
    ) throws(PDFError) -> [CrossReferenceSection] {
        var sections: [CrossReferenceSection] = []
        var visited: Set<Int> = []
        var next: Int? = startOffset
        while let offset = next {
            guard visited.insert(offset).inserted else {
                throw .damaged("The cross-reference sections lead to one another in a circle.")
            }
            guard visited.count <= limits.maximumSections else {
                throw .tooComplex("The file has more than \(limits.maximumSections) cross-reference sections.")
            }
            var section = try readSection(at: offset, window: window, limits: limits, budget: &budget)
            if section.form == .table, let hidden = section.trailer["XRefStm"]?.integerValue {
                section.hidden = try readStream(at: hidden, window: window, limits: limits, budget: &budget).entries
            }
            next = nil
            switch section.trailer["Prev"] {
            case nil, .null: break
            case .some(let previous):
                guard let value = previous.integerValue else { throw .damaged("/Prev is not a number.") }
                next = value
            }
            sections.append(section)
        }
        return sections
    }

    private static func readSection(
        at offset: Int, window: FileWindow, limits: PDFLimits, budget: inout Int
    ) throws(PDFError) -> CrossReferenceSection {
        if let table = try CrossReferenceTable.read(at: offset, window: window, limits: limits) {
            return CrossReferenceSection(offset: offset, trailer: table.trailer, entries: .table(table.runs))
        }
        let stream = try readStream(at: offset, window: window, limits: limits, budget: &budget)
        return CrossReferenceSection(offset: offset, trailer: stream.dictionary, entries: .stream(stream.entries))
    }

    private static func readStream(
        at offset: Int, window: FileWindow, limits: PDFLimits, budget: inout Int
    ) throws(PDFError) -> (dictionary: PDFDictionary, entries: CrossReferenceStream) {
        guard case .stream(let stream) = try indirectObject(at: offset, expecting: nil, window: window).object,
            stream.dictionary["Type"]?.nameValue == "XRef"
        else { throw .damaged("There is no cross-reference section at offset \(offset).") }
        guard let length = stream.dictionary["Length"]?.integerValue else {
            throw .damaged("A cross-reference stream has no direct /Length.")
        }
        let data = try decoded(stream, length: length, window: window, limits: limits, budget: &budget)
        return (stream.dictionary, try CrossReferenceStream(dictionary: stream.dictionary, data: data, limits: limits))
    }
}
