// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import PDFSyntax
import PDFVerification

/// A document of two pages with a form, signed in name only: what comes after is judged, not the signature.
struct SignedSample {
    /// Everything that a revision defines, by object number.
    var objects: [Int: String] = [
        1: """
        <</Type/Catalog/Pages 2 0 R/AcroForm 5 0 R/Metadata 20 0 R/Names 22 0 R/Outlines 23 0 R
        /OCProperties 26 0 R/StructTreeRoot 27 0 R/Version/1.7>>
        """,
        2: "<</Type/Pages/Kids[3 0 R 4 0 R]/Count 2/MediaBox[0 0 400 300]>>",
        3: """
        <</Type/Page/Parent 2 0 R/Contents 10 0 R/Resources<</Font<</F1 11 0 R>>/XObject<</Im 12 0 R>>>>
        /Annots 13 0 R>>
        """,
        4: "<</Type/Page/Parent 2 0 R/Contents 28 0 R/Annots[17 0 R]>>",
        5: """
        <</Fields[6 0 R 7 0 R 8 0 R 9 0 R 17 0 R 30 0 R]/SigFlags 3/DR<</Font<</Helv 11 0 R>>>>
        /DA(/Helv 0 Tf 0 g)>>
        """,
        6: widget("Sig", "one", "/V 14 0 R/AP<</N 15 0 R>>"),
        7: widget("Sig", "two", "/AP<</N 15 0 R>>"),
        8: widget("Tx", "text", "/V(old)/AP<</N 16 0 R>>"),
        9: widget("Btn", "tick", "/V/Off/AS/Off/AP<</N<</Yes 18 0 R/Off 19 0 R>>>>"),
        10: stream("", "BT /F1 12 Tf (Pay 100) Tj ET"),
        11: "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        12: form("0 0 10 10 re f"),
        13: "[6 0 R 7 0 R 8 0 R 9 0 R 24 0 R 31 0 R]",
        15: form(""),
        16: form("BT /Helv 9 Tf (old) Tj ET"),
        17: widget("Tx", "other", "/V(second page)/AP 29 0 R", page: 4),
        18: form("0 0 5 5 re f"),
        19: form(""),
        20: stream("/Type/Metadata/Subtype/XML", metadata),
        21: "<</Title(Contract)>>",
        22: "<</Dests<</Names[]>>>>",
        23: "<</Type/Outlines>>",
        24: "<</Type/Annot/Subtype/Link/Rect[0 0 20 20]/A<</S/URI/URI(https://example.com)>>>>",
        25: stream("", "BT /F1 12 Tf (Pay 999) Tj ET"),
        26: "<</OCGs[]/D<</ON[]/OFF[]>>>>",
        27: "<</Type/StructTreeRoot/K[]>>",
        28: stream("", "BT (page two) Tj ET"),
        29: "<</N 16 0 R>>",
        30: "<</FT/Btn/Ff 49152/T(choice)/V/A/Kids[31 0 R]>>",
        31: """
        <</Type/Annot/Subtype/Widget/Rect[200 10 210 20]/Parent 30 0 R/P 3 0 R/AS/A
        /AP<</N<</A 18 0 R/B 18 0 R/Off 19 0 R>>>>>>
        """,
    ]
    /// Goes into the signature dictionary, for example a certification.
    var permissions = ""
    var trailer = "/Info 21 0 R"

    static let metadata = """
        <x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/></x:xmpmeta>
        """

    static func widget(_ type: String, _ name: String, _ rest: String, page: Int = 3) -> String {
        "<</Type/Annot/Subtype/Widget/FT/\(type)/T(\(name))/Rect[10 10 90 40]/F 4/P \(page) 0 R\(rest)>>"
    }

    static func stream(_ entries: String, _ data: String) -> String {
        "<<\(entries)/Length \(data.utf8.count)>>\nstream\n\(data)\nendstream"
    }

    static func form(_ data: String) -> String {
        stream("/Type/XObject/Subtype/Form/BBox[0 0 80 30]", data)
    }

    static func certified(_ level: Int) -> SignedSample {
        var sample = SignedSample()
        sample.permissions = """
            /Reference[<</Type/SigRef/TransformMethod/DocMDP/TransformParams<</Type/TransformParams/V/1.2/P \(level)>>>>]
            """
        return sample
    }

    /// The signed document.
    var bytes: [UInt8] {
        var objects = objects
        objects[14] = Self.signature("one", permissions)
        var text = "%PDF-1.7\n"
        var table = ""
        for number in 0...40 {
            guard let object = objects[number] else {
                table += "0000000000 65535 f \n"
                continue
            }
            table += Self.padded(text.utf8.count) + " 00000 n \n"
            text += "\(number) 0 obj\n\(object)\nendobj\n"
        }
        let start = text.utf8.count
        text += "xref\n0 41\n\(table)trailer\n<</Size 41/Root 1 0 R\(trailer)>>\nstartxref\n\(start)\n%%EOF\n"
        return Self.withRange(text, of: "one")
    }

    static func signature(_ name: String, _ rest: String = "", type: String = "Sig") -> String {
        "<</Type/\(type)/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/Name(\(name))"
            + "/ByteRange[0 1 2 \(name.padding(20))]/Contents<00>\(rest)>>"
    }

    /// Enters where the signed bytes end, which is all that the judgement looks at.
    static func withRange(_ text: String, of name: String) -> [UInt8] {
        let end = String(text.utf8.count - 2).padding(20)
        return Array(text.replacing("/ByteRange[0 1 2 \(name.padding(20))]", with: "/ByteRange[0 1 2 \(end)]").utf8)
    }

    static func padded(_ number: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: 10 - text.count) + text
    }
}

extension String {
    fileprivate func padding(_ length: Int) -> String { self + String(repeating: " ", count: length - count) }
}

/// One revision behind a document.
struct Revision {
    var objects: [Int: String] = [:]
    var freed: [Int] = []
    /// Entries that point anywhere.
    var pointers: [Int: Int] = [:]
    var trailer = "/Root 1 0 R/Info 21 0 R"
    /// Objects that stand in the bytes and in no section.
    var unlisted: [Int: String] = [:]
    var signs: String?
    /// Nil leaves out what came before.
    var hasPrevious = true

    func with(trailer: String) -> Revision {
        var copy = self
        copy.trailer = trailer
        return copy
    }

    func appended(to base: [UInt8]) throws -> [UInt8] {
        let document = try PDFDocument(source: ArraySource(base))
        var text = ""
        var entries: [(number: Int, line: String)] = []
        for (number, object) in unlisted.sorted(by: { $0.key < $1.key }) {
            text += "\(number) 0 obj\n\(object)\nendobj\n"
        }
        for (number, object) in objects.sorted(by: { $0.key < $1.key }) {
            entries.append((number, SignedSample.padded(base.count + text.utf8.count) + " 00000 n \n"))
            text += "\(number) 0 obj\n\(object)\nendobj\n"
        }
        for number in freed { entries.append((number, "0000000000 00001 f \n")) }
        for (number, offset) in pointers { entries.append((number, SignedSample.padded(offset) + " 00000 n \n")) }
        let start = base.count + text.utf8.count
        text += "xref\n"
        for entry in entries.sorted(by: { $0.number < $1.number }) { text += "\(entry.number) 1\n\(entry.line)" }
        let previous = hasPrevious ? "/Prev \(document.crossReferenceOffset)" : ""
        text += "trailer\n<</Size 5000\(trailer)\(previous)>>\nstartxref\n\(start)\n%%EOF\n"
        guard let signs else { return base + Array(text.utf8) }
        let whole = String(decoding: base, as: UTF8.self) + text
        return SignedSample.withRange(whole, of: signs)
    }
}

extension SignedSample {
    /// What the signature of the sample says after some revisions.
    func report(after revisions: [Revision]) throws -> ChangeReport {
        let signed = bytes
        var file = signed
        for revision in revisions { file = try revision.appended(to: file) }
        let source = ArraySource(file)
        return try RevisionChanges.judge(
            document: PDFDocument(source: source), source: source, signedEnd: signed.count)
    }

    /// The object with some text of it replaced.
    func object(_ number: Int, _ text: String, with replacement: String) -> String {
        (objects[number] ?? "").replacing(text, with: replacement)
    }
}
