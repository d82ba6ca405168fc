// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Compression
import PDFSyntax

/// Makes one document: bytes changed where they stand, or objects and streams changed behind a correct cross-reference.
struct DocumentMutation {
    private static let mostObjects = 400

    private let sample: FuzzSample
    private let other: [UInt8]
    private let messages: [[UInt8]]

    /// - Parameter other: A document to splice with.
    /// - Parameter messages: What signatures and validation data are replaced with.
    init(_ sample: FuzzSample, other: [UInt8], messages: [[UInt8]]) {
        self.sample = sample
        self.other = other
        self.messages = messages
    }

    func mutated(_ dice: inout Dice) -> FuzzSample {
        var result = sample
        let structured: [UInt8]? =
            switch dice.below(10) {
            case 0...4: revision(&dice)
            case 5: rewritten(&dice)
            case 6: withOtherSignature(&dice)
            default: nil
            }
        if let structured {
            result.bytes = structured
            if dice.isOne(in: 4) { ByteMutation.change(&result.bytes, times: 1 + dice.below(2), &dice) }
            return result
        }
        if dice.isOne(in: 16) {
            result.bytes =
                Array(sample.bytes.prefix(dice.below(sample.bytes.count + 1)))
                + other.suffix(dice.below(other.count + 1))
        }
        let times = 1 + dice.below(dice.isOne(in: 4) ? 40 : 4)
        ByteMutation.change(&result.bytes, times: times, &dice)
        return result
    }

    private func opened() -> PDFDocument? {
        try? PDFDocument(source: ArraySource(sample.bytes), password: sample.password)
    }

    private static func mutation(of document: PDFDocument, _ dice: inout Dice) -> ObjectMutation {
        let reference = PDFReference(number: 1 + dice.below(document.objectCount))
        return ObjectMutation(objectCount: document.objectCount, donor: (try? document.object(reference)) ?? .null)
    }

    // MARK: Another revision

    /// Some objects changed by an update, as an editor would, and as an attacker behind a signature.
    private func revision(_ dice: inout Dice) -> [UInt8]? {
        guard let document = opened(), document.objectCount < 100_000 else { return nil }
        let mutation = Self.mutation(of: document, &dice)
        var update = IncrementalUpdate(of: document)
        for _ in 0...dice.below(4) {
            let reference = target(in: document, &dice)
            guard let object = try? document.object(reference) else { continue }
            if case .stream(let stream) = object {
                let (dictionary, data) = changed(stream, of: document, mutation, &dice)
                update.write(dictionary, data: data, at: reference)
            } else {
                update.write(mutation.changed(object, &dice), at: reference)
            }
        }
        guard let bytes = try? update.finish() else { return nil }
        return sample.bytes + bytes
    }

    /// Half of them are what signing and verification look at first.
    private func target(in document: PDFDocument, _ dice: inout Dice) -> PDFReference {
        var places = [document.catalogReference]
        for key in ["Pages", "AcroForm", "DSS", "Metadata"] {
            if let reference = document.catalog[key]?.referenceValue { places.append(reference) }
        }
        if dice.isOne(in: 4), let place = dice.pick(places) { return place }
        if dice.isOne(in: 3), let field = dice.pick((try? document.formFields()) ?? []) {
            return dice.isOne(in: 2) ? field.reference : field.dictionary["V"]?.referenceValue ?? field.reference
        }
        return PDFReference(number: 1 + dice.below(document.objectCount - 1))
    }

    /// The dictionary, the decoded data or both changed; data are encoded again.
    private func changed(
        _ stream: PDFStream, of document: PDFDocument, _ mutation: ObjectMutation, _ dice: inout Dice
    ) -> (PDFDictionary, [UInt8]) {
        var dictionary = stream.dictionary
        var data = (try? document.data(of: stream)) ?? []
        if data.first == 0x30, !messages.isEmpty, dice.isOne(in: 2) {
            data = MessageMutation.mutated(data, among: messages, &dice)
        } else if !dice.isOne(in: 4) {
            ByteMutation.change(&data, times: 1 + dice.below(3), &dice)
        }
        if dice.isOne(in: 300) { data = Array(repeating: 0x20, count: 8 << 20) }
        dictionary["DecodeParms"] = nil
        var filters: [PDFObject] = [.name("FlateDecode")]
        var encoded = (try? Deflate.deflate(data, level: .fast)) ?? []
        switch dice.below(12) {
        case 0:
            encoded = Array(Hex.encode(encoded).utf8)
            filters.insert(.name("ASCIIHexDecode"), at: 0)
        case 1: (filters, encoded) = ([.name(dice.isOne(in: 2) ? "LZWDecode" : "RunLengthDecode")], data)
        case 2: (filters, encoded) = ([.name("ASCII85Decode")], data.map { 33 + $0 % 85 } + Array("~>".utf8))
        case 3:
            let columns = 1 + dice.below(9)
            dictionary["DecodeParms"] = .dictionary(
                PDFDictionary([("Predictor", .integer(10 + dice.below(6))), ("Columns", .integer(columns))]))
        default: break
        }
        dictionary["Filter"] = .array(filters)
        if dice.isOne(in: 3) { dictionary = mutation.changed(dictionary, &dice) }
        return (dictionary, encoded)
    }

    // MARK: Written anew

    /// The same objects in object streams and a cross-reference stream that are wrong in places.
    private func rewritten(_ dice: inout Dice) -> [UInt8]? {
        guard let document = opened(), document.encryption == nil else { return nil }
        let mutation = Self.mutation(of: document, &dice)
        var file = CompactFile()
        for number in stride(from: 1, to: min(document.objectCount, Self.mostObjects), by: 1) {
            guard var object = try? document.object(PDFReference(number: number)), object != .null else { continue }
            if case .stream(let stream) = object {
                guard stream.dictionary["Type"]?.nameValue != "ObjStm", stream.dictionary["Type"]?.nameValue != "XRef",
                    let data = try? document.data(of: stream), let encoded = try? Deflate.deflate(data, level: .fast)
                else { continue }
                var dictionary = stream.dictionary
                dictionary["DecodeParms"] = nil
                dictionary["Filter"] = .name("FlateDecode")
                file.append(dictionary, data: encoded, number: number)
            } else {
                if dice.isOne(in: 30) { object = mutation.changed(object, &dice) }
                file.hold(object, number: number)
            }
        }
        return file.finish(root: document.catalogReference, &dice)
    }

    // MARK: Another signature

    /// The hexadecimal digits of a `/Contents` replaced by a changed message of the same length.
    private func withOtherSignature(_ dice: inout Dice) -> [UInt8]? {
        let places = sample.bytes.places(of: "/Contents").prefix(64).compactMap { place -> Range<Int>? in
            let start = sample.bytes[place...].prefix(12).firstIndex(of: UInt8(ascii: "<"))
            guard let start, let end = sample.bytes[start...].firstIndex(of: UInt8(ascii: ">")), end - start > 200
            else { return nil }
            return (start + 1)..<end
        }
        guard let place = dice.pick(Array(places)) else { return nil }
        let own = Hex.decode(String(decoding: sample.bytes[place], as: UTF8.self)) ?? []
        let message =
            dice.isOne(in: 3) ? dice.pick(messages) ?? own : DERReader(own).root.map { Array(own[$0.whole]) } ?? own
        let changed = Array(Hex.encode(MessageMutation.mutated(message, among: messages, &dice)).utf8)
        var bytes = sample.bytes
        let padded = (changed + Array(repeating: UInt8(ascii: "0"), count: max(0, place.count - changed.count)))
        bytes.replaceSubrange(place, with: padded.prefix(place.count))
        return bytes
    }
}
