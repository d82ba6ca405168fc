// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// Finds and parses single objects; only object streams are kept, since neighbours in one are often asked for.
final class ObjectReader: Sendable {
    let window: FileWindow
    let limits: PDFLimits
    /// Newest first.
    let sections: [CrossReferenceSection]
    /// Nil for a document that is not encrypted.
    let encryption: DocumentEncryption?
    private let objectStreams = Mutex<[Int: ObjectStream]>([:])

    init(window: FileWindow, limits: PDFLimits, startOffset: Int, password: String?) throws(PDFError) {
        let sections = try SectionReader(window: window, limits: limits).sections(from: startOffset)
        self.window = window
        self.limits = limits
        self.sections = sections
        guard sections.contains(where: { $0.trailer["Encrypt"] != nil }) else {
            encryption = nil
            return
        }
        // The encryption dictionary itself is read by a reader that decrypts nothing.
        let clear = ObjectReader(window: window, limits: limits, sections: sections)
        encryption = try DocumentEncryption(clear, password: password)
    }

    private init(window: FileWindow, limits: PDFLimits, sections: [CrossReferenceSection]) {
        self.window = window
        self.limits = limits
        self.sections = sections
        encryption = nil
    }

    // MARK: Objects

    /// The object at an address; null where there is none (ISO 32000-2, 7.3.10).
    func object(_ reference: PDFReference) throws(PDFError) -> PDFObject {
        switch try entry(of: reference.number) {
        case nil, .free: return .null
        case .atOffset(let offset, let generation):
            guard generation == reference.generation else { return .null }
            let object = try IndirectObject.read(reference, at: offset, window: window, limits: limits)
            return encryption?.decrypted(object, at: reference) ?? object
        case .inStream(let number, let index):
            guard reference.generation == 0 else { return .null }
            return try compressedObject(reference.number, in: number, index: index)
        }
    }

    /// Follows references until something else is found.
    func resolved(_ object: PDFObject) throws(PDFError) -> PDFObject {
        var current = object
        for _ in 0...limits.maximumReferenceHops {
            guard case .reference(let reference) = current else { return current }
            current = try self.object(reference)
        }
        throw .damaged("References lead to one another in a circle.")
    }

    /// The newest section's word on an object.
    func entry(of number: Int) throws(PDFError) -> CrossReferenceEntry? {
        for section in sections {
            try window.account.spend(section.searchCost)
            if let found = try section.entry(of: number, in: window) { return found }
        }
        return nil
    }

    // MARK: Streams

    /// The data of a stream as its writer meant it.
    func decoded(_ stream: PDFStream) throws(PDFError) -> [UInt8] {
        let dictionary = try withDirectFilters(stream.dictionary)
        let length = try resolved(dictionary["Length"] ?? .null).integerValue
        return try decoded(stream, dictionary: dictionary, length: length)
    }

    /// The one place where stored bytes become data.
    private func decoded(
        _ stream: PDFStream, dictionary: PDFDictionary, length: Int?
    ) throws(PDFError) -> [UInt8] {
        var raw = try StreamData.raw(of: stream, length: length, window: window)
        if let encryption { raw = encryption.decrypted(raw, of: stream) }
        let chain = try StreamFilter.chain(dictionary, limits: limits)
        return try StreamFilter.decode(
            raw, chain: chain, at: stream.dataOffset, account: window.account, limits: limits)
    }

    /// Filters and their parameters may stand in other objects, but not those of structure streams.
    private func withDirectFilters(_ dictionary: PDFDictionary) throws(PDFError) -> PDFDictionary {
        var result = dictionary
        for key in ["Filter", "DecodeParms"] {
            guard let value = dictionary[key] else { continue }
            switch try resolved(value) {
            case .array(let elements):
                var direct: [PDFObject] = []
                for element in elements.prefix(limits.maximumFilters + 1) {
                    direct.append(try withDirectValues(resolved(element)))
                }
                result[key] = .array(direct)
            case let single: result[key] = try withDirectValues(single)
            }
        }
        return result
    }

    private func withDirectValues(_ object: PDFObject) throws(PDFError) -> PDFObject {
        guard case .dictionary(let dictionary) = object else { return object }
        var result = dictionary
        for entry in dictionary.entries where entry.value.referenceValue != nil {
            result[entry.key] = try resolved(entry.value)
        }
        return .dictionary(result)
    }

    // MARK: Object streams

    private func compressedObject(_ number: Int, in container: Int, index: Int) throws(PDFError) -> PDFObject {
        var stream = try objectStream(container)
        let known = stream.knownCount
        let offset = try stream.offset(of: number, index: index, account: window.account, limits: limits)
        if stream.knownCount > known { keep(stream) }
        var parser = PDFParser(stream.data, at: offset, place: .objectStream(container), limits: limits)
        let object = Result { () throws(PDFError) in try parser.object() }
        try window.account.spend(parser.work)
        return try object.get()
    }

    /// Keeps a stream for its neighbours; all are dropped where they would take more memory than one may.
    private func keep(_ stream: ObjectStream) {
        objectStreams.withLock { streams in
            let held = streams.values.reduce(stream.data.count) { $0 + $1.data.count }
            if held > limits.maximumStreamOutput { streams.removeAll() }
            streams[stream.number] = stream
        }
    }

    private func objectStream(_ number: Int) throws(PDFError) -> ObjectStream {
        if let kept = objectStreams.withLock({ $0[number] }) { return kept }
        // Object streams are themselves never compressed into another one (7.5.7), so this cannot recurse.
        guard case .atOffset(_, let generation) = try entry(of: number),
            case .stream(let stream) = try object(PDFReference(number: number, generation: generation))
        else { throw .damaged("Object stream \(number), which the cross-reference names, is missing.") }
        let data = try decoded(stream, dictionary: stream.dictionary, length: directLength(of: stream, number: number))
        return try ObjectStream(number: number, dictionary: stream.dictionary, data: data)
    }

    /// An object stream's /Length must not lead back into an object stream.
    private func directLength(of stream: PDFStream, number: Int) throws(PDFError) -> Int? {
        guard let reference = stream.dictionary["Length"]?.referenceValue else {
            return stream.dictionary["Length"]?.integerValue
        }
        guard case .atOffset(let offset, _) = try entry(of: reference.number) else {
            throw .damaged("The /Length of object stream \(number) is not where it can be read.")
        }
        return try IndirectObject.read(reference, at: offset, window: window, limits: limits).integerValue
    }
}
