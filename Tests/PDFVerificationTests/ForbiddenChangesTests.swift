// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import PDFSyntax
import PDFVerification
import Testing

/// The attacks on signed documents that append revisions, a test for each class and its variants in it.
struct ForbiddenChangesTests {
    private let sample = SignedSample()

    private func detect(
        _ name: String, _ revisions: [Revision], _ sample: SignedSample = SignedSample(),
        at location: SourceLocation = #_sourceLocation
    ) throws {
        let report = try sample.report(after: revisions)
        #expect(report.verdict == .notPermitted, "\(name)", sourceLocation: location)
        #expect(report.changes.contains { !$0.permitted && !$0.why.isEmpty }, "\(name)", sourceLocation: location)
    }

    private func detect(_ name: String, _ objects: [Int: String], _ sample: SignedSample = SignedSample()) throws {
        try detect(name, [Revision(objects: objects)], sample)
    }

    @Test func `SIG-15: shadow attack, hide: what covered the hidden content is taken away`() throws {
        try detect("overlay freed", [Revision(freed: [12])])
        try detect("overlay emptied", [12: SignedSample.form("")])
        try detect("overlay of another type", [12: "<</Type/Font>>"])
        try detect("annotation over it freed", [Revision(freed: [24])])
        try detect("annotation over it taken off the page", [13: "[6 0 R 7 0 R 8 0 R 9 0 R 31 0 R]"])
    }

    @Test func `SIG-15: shadow attack, replace: an object that looks harmless is overwritten`() throws {
        try detect("font", [11: "<</Type/Font/Subtype/Type1/BaseFont/Courier>>"])
        try detect("font of the form only, used by a page too", [11: "<</Type/Font/Subtype/Type1/BaseFont/Symbol>>"])
        var shared = SignedSample()
        shared.objects[3] = shared.object(3, "/Font<</F1 11 0 R>>", with: "/Font 21 0 R")
        try detect("document information that is also a resource", [21: "<</F1 11 0 R/Title(x)>>"], shared)
        shared = SignedSample()
        shared.objects[10] = "[20 0 R 28 0 R]"
        try detect(
            "metadata that are also page content", [20: SignedSample.stream("/Type/Metadata", "<x:xmpmeta/>(9) Tj")],
            shared)
    }

    @Test func `SIG-15: shadow attack, hide and replace: the section points at content hidden in the signed bytes`()
        throws
    {
        let offset = try #require(
            String(decoding: sample.bytes, as: UTF8.self).utf8.firstRange(of: "25 0 obj".utf8))
        let place = String(decoding: sample.bytes, as: UTF8.self).utf8
        let position = place.distance(from: place.startIndex, to: offset.lowerBound)
        try detect("another number at the offset", [Revision(pointers: [10: position])])
        try detect("page points at the hidden content", [3: sample.object(3, "10 0 R", with: "25 0 R")])
        var twice = SignedSample()
        twice.objects[25] = SignedSample.stream("", "x\n10 0 obj\n<</Length 4>>\nstream\nevil\nendstream\nendobj\n")
        let text = String(decoding: twice.bytes, as: UTF8.self).utf8
        let inner = try #require(text.ranges(of: "10 0 obj".utf8).last)
        try detect(
            "second object of the number",
            [Revision(pointers: [10: text.distance(from: text.startIndex, to: inner.lowerBound)])], twice)
        try detect(
            "the catalog is another one",
            [
                Revision(objects: [80: "<</Type/Catalog/Pages 81 0 R>>"], trailer: "/Root 80 0 R")
            ])
        var open = SignedSample()
        open.objects[3] = open.object(3, "/Contents 10 0 R", with: "/Contents[10 0 R 90 0 R]")
        try detect("content that was left open", [90: SignedSample.stream("", "(Pay 999) Tj")], open)
        open = SignedSample()
        open.objects[13] = "[6 0 R 7 0 R 8 0 R 9 0 R 24 0 R 31 0 R 90 0 R]"
        try detect("annotation that was left open", [90: "<</Subtype/FreeText/Rect[0 0 9 9]>>"], open)
        open = SignedSample()
        open.objects[16] = SignedSample.stream(
            "/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 90 0 R>>>>", "/X Do")
        try detect("part of an appearance that was left open", [90: SignedSample.form("(evil) Tj")], open)
    }

    @Test func `SIG-15: incremental saving attack: the content of pages is changed`() throws {
        try detect("content stream", [10: SignedSample.stream("", "BT /F1 12 Tf (Pay 999) Tj ET")])
        try detect(
            "another content stream", [3: sample.object(3, "10 0 R", with: "91 0 R"), 91: sample.objects[25] ?? ""])
        try detect(
            "one more content stream",
            [
                3: sample.object(3, "/Contents 10 0 R", with: "/Contents[10 0 R 91 0 R]"), 91: sample.objects[25] ?? "",
            ])
        try detect("content removed", [Revision(freed: [10])])
        try detect("resources", [3: sample.object(3, "/Im 12 0 R", with: "/Im 15 0 R")])
        try detect("inherited resources", [2: sample.object(2, "/Count 2", with: "/Count 2/Resources<<>>")])
        try detect("visible area", [3: sample.object(3, "/Type/Page", with: "/Type/Page/CropBox[0 0 9 9]")])
        try detect("rotation", [4: sample.object(4, "/Type/Page", with: "/Type/Page/Rotate 180")])
        try detect("a key twice", [4: sample.object(4, "/Type/Page", with: "/Type/Page/Contents 25 0 R")])
        try detect("page actions", [4: sample.object(4, "/Type/Page", with: "/Type/Page/AA<</O<</S/JavaScript>>>>")])
        try detect(
            "an object stream in place of an object",
            [
                Revision(objects: [
                    10: SignedSample.stream("/Type/ObjStm/N 1/First 5", "92 0 <<>>")
                ])
            ])
    }

    @Test func `SIG-15: incremental saving attack: pages are added, removed or put in another order`() throws {
        try detect("order", [2: sample.object(2, "3 0 R 4 0 R", with: "4 0 R 3 0 R")])
        try detect("removed", [2: sample.object(2, "3 0 R 4 0 R", with: "3 0 R")])
        try detect("removed by freeing", [Revision(freed: [4])])
        try detect(
            "added",
            [
                2: sample.object(2, "[3 0 R 4 0 R]/Count 2", with: "[3 0 R 4 0 R 93 0 R]/Count 3"),
                93: "<</Type/Page/Parent 2 0 R/Contents 25 0 R>>",
            ])
        try detect(
            "another tree",
            [
                1: sample.object(1, "/Pages 2 0 R", with: "/Pages 94 0 R"), 94: "<</Type/Pages/Kids[3 0 R]/Count 1>>",
            ])
        var indirect = SignedSample()
        indirect.objects[2] = indirect.object(2, "[3 0 R 4 0 R]", with: " 32 0 R")
        indirect.objects[32] = "[3 0 R 4 0 R]"
        try detect("list in an object of its own", [32: "[4 0 R]"], indirect)
    }

    @Test func `SIG-15: incremental saving attack: the catalog gets actions, scripts, layers or another form`() throws {
        func catalog(_ text: String) -> [Int: String] {
            [1: sample.object(1, "/Type/Catalog", with: "/Type/Catalog" + text)]
        }
        try detect("action on opening", catalog("/OpenAction<</S/JavaScript/JS(app.alert)>>"))
        try detect("additional actions", catalog("/AA<</WS<</S/JavaScript>>>>"))
        try detect("unknown entry", catalog("/Whatever 10 0 R"))
        try detect("viewer preferences", catalog("/ViewerPreferences<</HideToolbar true>>"))
        try detect("permissions", catalog("/Perms<</DocMDP 14 0 R>>"))
        try detect("collection", catalog("/Collection<<>>"))
        try detect("names", [22: "<</JavaScript<</Names[(a)<</S/JavaScript>>]>>>>"])
        try detect("outline", [23: "<</Type/Outlines/First 95 0 R>>", 95: "<</Title(x)>>"])
        try detect("layers", [26: "<</OCGs[]/D<</ON[]/OFF[3 0 R]>>>>"])
        try detect("layers removed", [1: sample.object(1, "/OCProperties 26 0 R", with: "")])
        try detect("version lowered", [1: sample.object(1, "/1.7", with: "/1.3")])
        try detect(
            "form data for another form engine", [5: sample.object(5, "<</Fields", with: "<</XFA 10 0 R/Fields")])
        try detect("form removed", [1: sample.object(1, "/AcroForm 5 0 R", with: "")])
        try detect("signatures denied", [5: sample.object(5, "/SigFlags 3", with: "/SigFlags 0")])
        try detect("metadata replaced by an image", [20: SignedSample.stream("/Subtype/Image", "x")])
        try detect(
            "encryption",
            [
                Revision(objects: [96: "<</A 1>>"], trailer: "/Root 1 0 R/Info 21 0 R/Encrypt null/X 96 0 R"),
                Revision(objects: [10: SignedSample.stream("", "x")]),
            ])
    }

    @Test func `SIG-15: structure tree changes are detected`() throws {
        try detect("tree", [27: "<</Type/StructTreeRoot/K[97 0 R]>>", 97: "<</S/P/ActualText(other)>>"])
        try detect("another tree", [1: sample.object(1, "27 0 R", with: "97 0 R"), 97: "<</Type/StructTreeRoot>>"])
    }

    @Test func `SIG-15: signature wrapping: readers find another document than the signed one`() throws {
        try detect(
            "document of its own behind the signed bytes",
            [
                Revision(
                    objects: [
                        1: "<</Type/Catalog/Pages 2 0 R>>", 2: "<</Type/Pages/Kids[3 0 R]/Count 1>>",
                        3: "<</Type/Page/Parent 2 0 R>>",
                    ], hasPrevious: false)
            ])
        let signed = sample.bytes
        for junk in [
            "10 0 obj\n<</Length 2>>\nstream\n()\nendstream\nendobj\n", "trailer\n10 0 obj null\n%%EOF\n",
            "trailer\n<</Root 25 0 R/Size 41>>\n",
        ] {
            let source = ArraySource(signed + Array(junk.utf8))
            guard let document = try? PDFDocument(source: source) else { continue }
            let report = try RevisionChanges.judge(document: document, source: source, signedEnd: signed.count)
            #expect(report.verdict == .notPermitted)
        }
    }

    @Test func `SIG-15: an object that is defined twice, or stands there unlisted, is detected`() throws {
        var revision = PermittedChangesTests.validation[0]
        revision.unlisted = [10: SignedSample.stream("", "evil")]
        try detect("unlisted", [revision])
        revision = PermittedChangesTests.validation[0]
        let bytes = try revision.appended(to: sample.bytes)
        let text = String(decoding: bytes, as: UTF8.self).replacing(
            "trailer\n<</Size 5000", with: "1 1\n0000000009 00000 n \ntrailer\n<</Size 5000")
        let source = ArraySource(Array(text.utf8))
        let report = try RevisionChanges.judge(
            document: PDFDocument(source: source), source: source, signedEnd: sample.bytes.count)
        #expect(report.verdict == .notPermitted)
    }

    @Test func `SIG-15: what a signature says of itself may not be replaced`() throws {
        let signature = SignedSample.signature("one", "/Reason(I agree to everything)")
        try detect("reason", [14: signature])
        try detect("byte range taken away", [14: "<</Type/Sig/Contents<00>>>"])
        try detect("contents taken away", [14: "<</Type/Sig/ByteRange[0 1 2 3]>>"])
        try detect("freed", [Revision(freed: [14])])
        try detect("another dictionary", [6: sample.object(6, "14 0 R", with: "98 0 R"), 98: signature])
        try detect("value removed", [6: sample.object(6, "/V 14 0 R", with: "")])
        try detect("appearance", [6: sample.object(6, "15 0 R", with: "98 0 R"), 98: SignedSample.form("(Boss) Tj")])
        try detect("appearance in place", [15: SignedSample.form("(Boss) Tj")])
        try detect("field hidden", [6: sample.object(6, "/F 4", with: "/F 2")])
        try detect("field moved", [6: sample.object(6, "[10 10 90 40]", with: "[0 0 400 300]")])
    }

    @Test func `SIG-15: a form field may not override the look of the page`() throws {
        let forged = SignedSample.form("BT (Pay 999) Tj ET")
        try detect("appearance without a value", [8: sample.object(8, "16 0 R", with: "98 0 R"), 98: forged])
        try detect("appearance in place, without a value", [16: forged])
        try detect("appearance in place, shared", [8: sample.object(8, "(old)", with: "(new)"), 16: forged])
        try detect("appearance of a button", [9: sample.object(9, "18 0 R", with: "98 0 R"), 98: forged])
        try detect("state of a button in place", [9: sample.object(9, "/Off/AS/Off", with: "/Yes/AS/Yes"), 18: forged])
        try detect(
            "a state of its own",
            [
                9: sample.object(9, "/AS/Off/AP<</N<</Yes 18 0 R", with: "/AS/Yes/AP<</N<</Yes 98 0 R"), 98: forged,
            ])
        try detect(
            "moved", [8: sample.object(8, "[10 10 90 40]", with: "[0 0 400 300]").replacing("(old)", with: "(new)")])
        try detect("hidden", [8: sample.object(8, "/F 4", with: "/F 6")])
        try detect("renamed", [8: sample.object(8, "(text)", with: "(amount)")])
        try detect("of another type", [8: sample.object(8, "/FT/Tx", with: "/FT/Ch")])
        try detect("password flag", [8: sample.object(8, "/F 4", with: "/F 4/Ff 8192")])
        try detect(
            "actions",
            [8: sample.object(8, "/F 4", with: "/F 4/AA<</K<</S/JavaScript>>>>").replacing("(old)", with: "(n)")])
        try detect("parent", [8: sample.object(8, "/F 4", with: "/F 4/Parent 30 0 R")])
        try detect("appearance removed", [8: sample.object(8, "(old)/AP<</N 16 0 R>>", with: "(new)")])
        try detect("viewers draw it", [5: sample.object(5, "/SigFlags 3", with: "/SigFlags 3/NeedAppearances true")])
        var shared = SignedSample()
        shared.objects[4] = shared.object(4, "/Annots", with: "/Resources<</XObject 29 0 R>>/Annots")
        try detect(
            "appearance that a page uses too",
            [
                17: SignedSample.widget("Tx", "other", "/V(n)/AP<</N 98 0 R>>", page: 4), 98: forged,
            ], shared)
    }

    @Test func `SIG-15: fields may not be added, removed or put elsewhere`() throws {
        let fields = "[6 0 R 7 0 R 8 0 R 9 0 R 17 0 R 30 0 R]"
        func list(_ text: String) -> String { sample.object(5, fields, with: text) }
        let field = SignedSample.widget("Tx", "more", "/V(Pay 999)/AP<</N 16 0 R>>")
        let annotations = "[6 0 R 7 0 R 8 0 R 9 0 R 24 0 R 31 0 R 98 0 R]"
        try detect(
            "text field",
            [
                5: list("[6 0 R 7 0 R 8 0 R 9 0 R 17 0 R 30 0 R 98 0 R]"), 13: annotations, 98: field,
            ])
        try detect("text field on the page only", [13: annotations, 98: field])
        try detect("removed", [5: list("[6 0 R 7 0 R 9 0 R 17 0 R 30 0 R]")])
        try detect("widget removed", [13: "[6 0 R 7 0 R 9 0 R 24 0 R 31 0 R]"])
        try detect("put on top of others", [13: "[8 0 R 6 0 R 7 0 R 9 0 R 24 0 R 31 0 R]"])
        try detect("widget on another page", [4: sample.object(4, "[17 0 R]", with: "[17 0 R 8 0 R]")])
        try detect("more widgets", [30: sample.object(30, "[31 0 R]", with: "[31 0 R 98 0 R]"), 98: field])
        try detect("listed twice", [5: list("[6 0 R 7 0 R 8 0 R 9 0 R 17 0 R 30 0 R 8 0 R]")])
        let second = SignedSample.widget("Sig", "two", "/V 99 0 R")
        try detect(
            "a second field of the name",
            [
                5: list("[6 0 R 7 0 R 8 0 R 9 0 R 17 0 R 30 0 R 98 0 R]"), 98: second, 99: SignedSample.signature("x"),
            ])
        try detect("value that is an older signature", [7: SignedSample.widget("Sig", "two", "/V 14 0 R")])
        try detect("value that is none", [7: SignedSample.widget("Sig", "two", "/V 99 0 R"), 99: "<<>>"])
    }

    @Test func `SIG-15: evil annotation attack: annotations that pass for page content on certified documents`() throws
    {
        for (type, data) in [
            ("FreeText", "(Pay 999) Tj"), ("Stamp", ""), ("Redact", ""), ("Square", ""), ("Ink", ""), ("Widget", ""),
            ("Watermark", ""), ("RichMedia", ""), ("Highlight", "BT (Pay 999) Tj ET"), ("Text", "q BI ID EI Q"),
        ] {
            let revision = Revision(objects: [
                13: "[6 0 R 7 0 R 8 0 R 9 0 R 24 0 R 31 0 R 98 0 R]",
                98: "<</Type/Annot/Subtype/\(type)/Rect[0 0 400 300]/AP<</N 97 0 R>>>>", 97: SignedSample.form(data),
            ])
            for sample in [SignedSample(), .certified(1), .certified(2), .certified(3)] {
                try detect("\(type) \(sample.permissions)", [revision], sample)
            }
        }
        try detect(
            "link with an action",
            [
                13: "[6 0 R 7 0 R 8 0 R 9 0 R 24 0 R 31 0 R 98 0 R]",
                98: "<</Type/Annot/Subtype/Text/Rect[0 0 9 9]/A<</S/JavaScript>>>>",
            ], .certified(3))
        try detect("link of the document", [24: sample.object(24, "example.com", with: "example.org")], .certified(3))
        try detect("content that an annotation shares", [12: SignedSample.form("(9) Tj")], .certified(3))
    }

    @Test func `SIG-15: sneaky signature attack: signature fields that cover certified content`() throws {
        try detect("visible field", [PermittedChangesTests.newSignature], .certified(2))
        try detect("visible field, level 3", [PermittedChangesTests.newSignature], .certified(3))
        var scripted = PermittedChangesTests.newSignature
        scripted.objects[62] = scripted.objects[62]?.replacing("/F 4", with: "/F 4/AA<</D<</S/JavaScript>>>>")
        try detect("field with actions", [scripted])
        var below = PermittedChangesTests.newSignature
        below.objects[62] = below.objects[62]?.replacing("/F 4", with: "/F 4/Kids[8 0 R]")
        try detect("field above another one", [below])
        var hiddenFirst = PermittedChangesTests.newSignature
        hiddenFirst.objects[62] = SignedSample.widget("Sig", "three", "").replacing("/F 4", with: "/F 2")
        for number in [72, 73] { hiddenFirst.objects[number] = nil }
        hiddenFirst.signs = nil
        let shown = Revision(objects: PermittedChangesTests.newSignature.objects.filter { $0.key >= 60 })
        try detect("hidden field that is shown when signed", [hiddenFirst, shown], .certified(2))
        try detect("signing, level 1", [PermittedChangesTests.secondSignature], .certified(1))
        var hidden = PermittedChangesTests.newSignature
        hidden.objects[62] = hidden.objects[62]?.replacing("[10 10 90 40]", with: "[0 0 0 0]")
        try detect("signing in a field that shows nothing, level 1", [hidden], .certified(1))
    }

    @Test func `SIG-04: what a signature locks stays locked, for later signatures too`() throws {
        for (lock, isLocked) in [
            ("/Action/All", true), ("/Action/Include/Fields[(text)]", true), ("/Action/Include/Fields[(tick)]", false),
            ("/Action/Exclude/Fields[(text)]", false), ("/Action/Exclude/Fields[(tick)]", true),
        ] {
            var sample = SignedSample()
            sample.permissions = "/Reference[<</TransformMethod/FieldMDP/TransformParams<<\(lock)>>>>]"
            let filled = Revision(objects: [
                8: sample.object(8, "(old)/AP<</N 16 0 R>>", with: "(new)/AP<</N 98 0 R>>"),
                98: SignedSample.form("(new) Tj"),
            ])
            let verdict = try sample.report(after: [filled]).verdict
            #expect(verdict == (isLocked ? .notPermitted : .permitted), "\(lock)")
            sample.permissions = ""
            sample.objects[6] = sample.object(6, "/F 4", with: "/F 4/Lock<<\(lock)>>")
            #expect(try sample.report(after: [filled]).verdict == verdict, "\(lock)")
        }
        var inherited = SignedSample.certified(1)
        inherited.objects[7] = SignedSample.widget("Sig", "two", "/V 60 0 R")
        inherited.objects[60] = SignedSample.signature("two")
        try detect("level of an earlier certification", [PermittedChangesTests.filling], .certified(1))
    }

    @Test func `SIG-15: a change that a later revision takes back is still reported`() throws {
        try detect(
            "content changed and restored",
            [
                Revision(objects: [10: SignedSample.stream("", "(Pay 999) Tj")]),
                Revision(objects: [10: sample.objects[10] ?? ""]),
            ])
    }

    @Test func `validation data of the signed revision may not be overwritten`() throws {
        let first = PermittedChangesTests.validation[0]
        try detect("certificate", [first, Revision(objects: [51: SignedSample.stream("", "other")])])
        try detect("store removed", [first, Revision(objects: [1: sample.objects[1] ?? ""])])
        try detect(
            "content reached by the store",
            [
                Revision(objects: [
                    1: sample.object(1, "/Version/1.7", with: "/DSS<</Certs[10 0 R]>>/Version/1.7"),
                    10: SignedSample.stream("", "evil"),
                ])
            ])
    }

    /// The key of a record in `/VRI`: the SHA-1 of a signature.
    static let recordKey = "B01357EC8385C1040365E5EEBCADD40CCE890668"

    @Test func `SIG-15: the record of a validation that was signed may not be rewritten`() throws {
        var signed = SignedSample()
        signed.objects[1] = signed.object(1, "/Version/1.7", with: "/Version/1.7/DSS 35 0 R")
        signed.objects[35] = "<</Certs 36 0 R/VRI<</\(Self.recordKey) 37 0 R>>>>"
        signed.objects[36] = "[38 0 R]"
        signed.objects[37] = "<</Cert 36 0 R/TU(D:20261120000000Z)>>"
        signed.objects[38] = SignedSample.stream("", "cert")
        let other = [60: SignedSample.stream("", "other")]
        try detect("entry", other.merging([37: "<</Cert[38 0 R 60 0 R]/TU(D:20261120000000Z)>>"]) { $1 }, signed)
        try detect("time", [37: "<</Cert 36 0 R/TU(D:20200101000000Z)>>"], signed)
        try detect("list of its own", other.merging([36: "[60 0 R]"]) { $1 }, signed)
        try detect("removed", [35: "<</Certs 36 0 R>>"], signed)
        let moved = "<</Certs 36 0 R/VRI<</\(Self.recordKey)<</Cert[38 0 R]/TU(D:20261120000000Z)>>>>>>"
        #expect(try signed.report(after: [Revision(objects: [35: moved])]).verdict == .permitted)
    }

    @Test func `SIG-15: nothing but validation data comes into the security store`() throws {
        for (name, store) in [
            ("key of no signature", "<</VRI<</Type/VRI>>>>"), ("unknown entry", "<</Fields[10 0 R]>>"),
            ("list of no streams", "<</Certs[2 0 R 60 0 R]>>"), ("no list", "<</Certs 60 0 R>>"),
            ("unknown entry of a record", "<</VRI<</\(Self.recordKey)<</AP 60 0 R>>>>>>"),
        ] {
            let catalog = sample.object(1, "/Version/1.7", with: "/Version/1.7/DSS\(store)")
            try detect(name, [1: catalog, 60: "<</Length 3>>"])
        }
    }

    @Test func `SIG-15: another catalog shows the same document or is detected`() throws {
        let trailer = "/Root 80 0 R/Info 21 0 R"
        let scripted = sample.object(1, "/Version/1.7", with: "/Version/1.7/OpenAction<</S/JavaScript/JS(x)>>")
        try detect("with a script", [Revision(objects: [80: scripted], trailer: trailer)])
        let pages = sample.object(1, "/Pages 2 0 R", with: "/Pages 81 0 R")
        try detect(
            "with other pages",
            [Revision(objects: [80: pages, 81: "<</Type/Pages/Kids[]/Count 0>>"], trailer: trailer)])
        try detect("an object of the signed document", [Revision(trailer: "/Root 23 0 R/Info 21 0 R")])
    }

    @Test func `SIG-15: what the signed trailer names and nothing defined may not be defined later`() throws {
        var open = SignedSample()
        open.trailer = "/Info 21 0 R/AdditionalStreams[/application#2Fx 50 0 R]"
        try detect("an embedded document", [50: SignedSample.stream("", "other document")], open)
        try detect("validation data", [PermittedChangesTests.validation[0]], open)
        open.objects[33] = SignedSample.stream("", "document")
        open.trailer = "/Info 21 0 R/AdditionalStreams[/application#2Fx 33 0 R]"
        try detect("what was there", [33: SignedSample.stream("", "other document")], open)
    }
}
