// SPDX-License-Identifier: Apache-2.0
import PDFSyntax

/// Changes one object and leaves it an object.
struct ObjectMutation {
    /// Keys and values that readers decide by.
    static let names = [
        "Type", "Length", "Prev", "XRefStm", "Size", "Root", "Pages", "Page", "Catalog", "Kids", "Count", "Parent",
        "Filter", "FlateDecode", "LZWDecode", "ASCII85Decode", "ASCIIHexDecode", "RunLengthDecode", "DCTDecode",
        "Crypt", "DecodeParms", "Predictor", "Columns", "Colors", "BitsPerComponent", "EarlyChange", "W", "Index",
        "First", "N", "Extends", "ObjStm", "XRef", "Encrypt", "Standard", "R", "ByteRange", "Contents", "SubFilter",
        "Sig", "DocTimeStamp", "AcroForm", "Fields", "SigFlags", "Annots", "Annot", "Widget", "Subtype", "AP", "D",
        "FT", "Ff", "Tx", "Btn", "Ch", "V", "DV", "T", "TU", "Opt", "DA", "DR", "Q", "MaxLen", "Rect", "Reference",
        "TransformMethod", "TransformParams", "DocMDP", "FieldMDP", "Action", "Include", "Exclude", "All", "Perms",
        "DSS", "VRI", "Certs", "OCSPs", "CRLs", "Lock", "SV", "MediaBox", "CropBox", "Rotate", "UserUnit", "Resources",
        "Font", "P", "F", "MK", "BS", "ID", "Info", "Metadata", "CF", "StdCF", "StmF", "StrF", "CFM", "AESV2", "AESV3",
        "V2", "Identity", "EncryptMetadata", "O", "U", "OE", "UE", "M", "Name", "Version", "Extensions", "XFA",
        "NeedAppearances", "StructTreeRoot", "Names", "Outlines", "Collection", "ETSI.CAdES.detached",
        "adbe.pkcs7.detached", "adbe.x509.rsa_sha1", "ETSI.RFC3161",
    ]
    private static let integers = [
        0, 1, -1, 2, 3, 4, 5, 7, 8, 15, 16, 90, 255, 256, 1_000, 65_535, 65_536, 1_999_999, 2_000_000, 8_388_607,
        0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 1 << 40, Int.max, Int.max - 1, Int.min, Int.min + 1,
    ]
    private static let reals = ["0.5", "-.5", "1e999", ".", "-", "--1", "99999999999999999999", "1.000000000000000001"]
    private static let deepest = 12

    let objectCount: Int
    /// Where values are taken from.
    let donor: PDFObject

    func changed(_ object: PDFObject, depth: Int = 0, _ dice: inout Dice) -> PDFObject {
        guard depth < Self.deepest else { return value(depth: 3, &dice) }
        switch object {
        case .dictionary(let dictionary):
            return .dictionary(changed(dictionary, depth: depth, &dice))
        case .array(let elements) where !dice.isOne(in: 8):
            return .array(changed(elements, depth: depth, &dice))
        case .integer(let number) where dice.isOne(in: 2):
            return .integer(number &+ dice.below(9) &- 4)
        case .string(var bytes) where !bytes.isEmpty && !dice.isOne(in: 4):
            ByteMutation.change(&bytes, times: 1, &dice)
            return .string(bytes)
        default:
            return value(depth: 0, &dice)
        }
    }

    func changed(_ dictionary: PDFDictionary, depth: Int = 0, _ dice: inout Dice) -> PDFDictionary {
        var dictionary = dictionary
        guard let entry = dice.pick(dictionary.entries), !dice.isOne(in: 6) else {
            dictionary[dice.pick(Self.names) ?? "Type"] = value(depth: 0, &dice)
            return dictionary
        }
        switch dice.below(8) {
        case 0: dictionary[entry.key] = nil
        case 1: dictionary = PDFDictionary(dictionary.entries + [(entry.key, value(depth: 0, &dice))])
        case 2:
            guard let taken = dice.pick(donor.dictionaryValue?.entries ?? []) else { break }
            dictionary[taken.key] = taken.value
        default: dictionary[entry.key] = changed(entry.value, depth: depth + 1, &dice)
        }
        return dictionary
    }

    private func changed(_ elements: [PDFObject], depth: Int, _ dice: inout Dice) -> [PDFObject] {
        var elements = elements
        guard !elements.isEmpty else { return [value(depth: 0, &dice)] }
        let index = dice.below(elements.count)
        switch dice.below(8) {
        case 0: elements.remove(at: index)
        case 1: elements.insert(value(depth: 0, &dice), at: index)
        case 2: elements.insert(elements[index], at: dice.below(elements.count))
        case 3 where dice.isOne(in: 8):
            elements += Array(repeating: elements[index], count: 1 << dice.below(14))
        default: elements[index] = changed(elements[index], depth: depth + 1, &dice)
        }
        return elements
    }

    /// Anything, mostly what a reader acts upon.
    private func value(depth: Int, _ dice: inout Dice) -> PDFObject {
        switch dice.below(depth > 2 ? 8 : 12) {
        case 0...1: .integer(dice.pick(Self.integers) ?? 0)
        case 2...3:
            .reference(PDFReference(number: 1 + dice.below(objectCount + 1), generation: dice.isOne(in: 16) ? 1 : 0))
        case 4: .name(dice.pick(Self.names) ?? "")
        case 5: .real(Array((dice.pick(Self.reals) ?? "").utf8))
        case 6: .string((0..<dice.below(40)).map { _ in dice.byte() })
        case 7: dice.isOne(in: 2) ? .null : .bool(dice.isOne(in: 2))
        case 8...9: .array((0..<dice.below(5)).map { _ in value(depth: depth + 1, &dice) })
        case 10: donor
        default:
            .dictionary(
                PDFDictionary(
                    (0..<dice.below(4)).map { _ in (dice.pick(Self.names) ?? "", value(depth: depth + 1, &dice)) }))
        }
    }
}
