// SPDX-License-Identifier: Apache-2.0
import SystemDriver

/// Makes one input: a document, or two spliced, changed in a few places.
struct Mutation {
    private var noise: Noise

    /// Words that parsers decide by.
    private static let words = [
        "obj", "endobj", "stream", "endstream", "xref", "trailer", "startxref", "%%EOF", "<<", ">>", "[", "]", "(", ")",
        "<",
        ">", "/", "/Type", "/Length", "/Prev", "/XRefStm", "/Size", "/Root", "/Kids", "/Count", "/Parent", "/Filter",
        "/FlateDecode", "/LZWDecode", "/ASCII85Decode", "/ASCIIHexDecode", "/RunLengthDecode", "/DecodeParms",
        "/Predictor",
        "/Columns", "/Colors", "/BitsPerComponent", "/W", "/Index", "/First", "/N", "/Extends", "/ObjStm", "/XRef",
        "/Encrypt", "/ByteRange", "/Contents", "/SubFilter", "/Sig", "/DocTimeStamp", "/AcroForm", "/Fields", "/Annots",
        "/AP",
        "/FT", "/V", "/T", "/Rect", "/Reference", "/TransformParams", "/DocMDP", "/FieldMDP", "/Perms", "/DSS", "/Lock",
        "/MediaBox", "/Rotate", "/Resources", "/P", "/ID", "/CF", "/StmF", "/O", "/U", "/OE", "/UE", "null", "true",
        "1 0 R", "0 0 R", "2147483648 0 R", "1 65536 R", "-1", "0", "65535", "2147483647", "4294967296",
        "9223372036854775807", "99999999999999999999", "1e999", ".", "-", "#00", "\u{0}",
    ].map { Array($0.utf8) }

    init(seed: UInt64, number: Int) {
        noise = Noise(state: seed &* 0x9E37_79B9_7F4A_7C15 ^ UInt64(number))
    }

    mutating func input(from documents: [[UInt8]]) -> [UInt8] {
        var bytes = documents[below(documents.count)]
        if below(20) == 0 {
            let other = documents[below(documents.count)]
            bytes = Array(bytes.prefix(below(bytes.count + 1))) + other.suffix(below(other.count + 1))
        }
        for _ in 0...below(below(4) == 0 ? 40 : 4) where !bytes.isEmpty { change(&bytes) }
        return bytes
    }

    private mutating func change(_ bytes: inout [UInt8]) {
        let place = self.place(in: bytes)
        switch below(10) {
        case 0: bytes[place] ^= 1 << UInt8(below(8))
        case 1: bytes[place] = UInt8(below(256))
        case 2: bytes.insert(contentsOf: Self.words[below(Self.words.count)], at: place)
        case 3:
            let word = Self.words[below(Self.words.count)]
            bytes.replaceSubrange(place..<min(bytes.count, place + word.count), with: word)
        case 4: bytes.removeSubrange(place..<min(bytes.count, place + 1 + below(64)))
        case 5:
            let end = min(bytes.count, place + 1 + below(256))
            bytes.insert(contentsOf: Array(bytes[place..<end]), at: self.place(in: bytes))
        case 6: bytes.removeSubrange(place...)
        case 7: bytes.insert(contentsOf: repeatElement(UInt8(below(256)), count: 1 + below(300)), at: place)
        default: digits(&bytes, near: place)
        }
    }

    /// Offsets and lengths break most, so numbers are changed most.
    private mutating func digits(_ bytes: inout [UInt8], near place: Int) {
        var index = place
        while index < bytes.count, index < place + 200, !(48...57).contains(bytes[index]) { index += 1 }
        guard index < bytes.count, (48...57).contains(bytes[index]) else { return }
        switch below(4) {
        case 0: bytes[index] = UInt8(48 + below(10))
        case 1: bytes.insert(UInt8(48 + below(10)), at: index)
        case 2: bytes.remove(at: index)
        default: bytes.insert(UInt8(ascii: "-"), at: index)
        }
    }

    /// Half of the places lie near the ends, where the structure is.
    private mutating func place(in bytes: [UInt8]) -> Int {
        guard !bytes.isEmpty else { return 0 }
        switch below(4) {
        case 0: return max(0, bytes.count - 1 - below(min(bytes.count, 2_000)))
        case 1: return below(min(bytes.count, 2_000))
        default: return below(bytes.count)
        }
    }

    private mutating func below(_ bound: Int) -> Int { bound <= 1 ? 0 : Int(noise.next() % UInt64(bound)) }
}
