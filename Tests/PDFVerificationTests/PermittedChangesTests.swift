// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import PDFSyntax
import PDFVerification
import Testing

/// Later revisions that raise no alarm.
struct PermittedChangesTests {
    private let sample = SignedSample()

    private func expect(
        _ verdict: ChangeVerdict, _ revisions: [Revision], _ sample: SignedSample = SignedSample(),
        at location: SourceLocation = #_sourceLocation
    ) throws {
        let report = try sample.report(after: revisions)
        let denied = report.changes.filter { !$0.permitted }.map { "\($0.object) \($0.what): \($0.why)" }
        #expect(report.verdict == verdict, "\(denied)", sourceLocation: location)
        #expect((report.verdict == .permitted) == (denied.isEmpty && !report.changes.isEmpty), sourceLocation: location)
    }

    @Test func `a document without later revisions has no changes`() throws {
        try expect(.none, [])
        #expect(try sample.report(after: []).changes.isEmpty)
    }

    /// Validation data, once more of them, and a document timestamp.
    static let validation: [Revision] = {
        let sample = SignedSample()
        let catalog = sample.object(1, "/Version/1.7", with: "/Version/2.0/DSS 50 0 R/Extensions<</ESIC<<>>>>")
        return [
            Revision(objects: [
                1: catalog, 50: "<</Certs[51 0 R]/OCSPs 52 0 R>>", 51: SignedSample.stream("", "cert"),
                52: "[53 0 R]", 53: SignedSample.stream("", "ocsp"),
            ]),
            Revision(objects: [52: "[53 0 R 54 0 R]", 54: SignedSample.stream("", "ocsp 2")]),
            Revision(
                objects: [
                    5: sample.object(5, "30 0 R]", with: "30 0 R 55 0 R]"),
                    55: "<</Type/Annot/Subtype/Widget/FT/Sig/T(time)/Rect[0 0 0 0]/F 132/P 3 0 R/V 56 0 R>>",
                    56: SignedSample.signature("time", type: "DocTimeStamp"),
                    13: "[6 0 R 7 0 R 8 0 R 9 0 R 24 0 R 31 0 R 55 0 R]",
                ], signs: "time"),
        ]
    }()

    @Test(arguments: [nil, 1, 2, 3])
    func `LTV-01: validation data and timestamps may follow even a certification of level 1`(level: Int?) throws {
        try expect(.permitted, Self.validation, level.map { SignedSample.certified($0) } ?? SignedSample())
    }

    /// The empty field signed, with an appearance.
    static let secondSignature = Revision(
        objects: [
            7: SignedSample.widget("Sig", "two", "/AP<</N 61 0 R>>/V 60 0 R"),
            60: SignedSample.signature("two"), 61: SignedSample.form("BT /F 9 Tf (two) Tj ET"),
        ], signs: "two")

    /// A visible field of its own.
    static let newSignature = Revision(
        objects: [
            5: SignedSample().object(5, "30 0 R]", with: "30 0 R 62 0 R]"),
            62: SignedSample.widget("Sig", "three", "/AP<</N 73 0 R>>/V 72 0 R"),
            72: SignedSample.signature("three"), 73: SignedSample.form("BT /F 9 Tf (three) Tj ET"),
            13: "[6 0 R 7 0 R 8 0 R 9 0 R 24 0 R 31 0 R 62 0 R]",
        ], signs: "three")

    @Test func `SIG-03: a further signature is permitted unless the certification forbids all changes`() throws {
        for revision in [Self.secondSignature, Self.newSignature] {
            try expect(.permitted, [revision])
            try expect(.notPermitted, [revision], .certified(1))
        }
        try expect(.permitted, [Self.secondSignature], .certified(2))
        try expect(.permitted, [Self.secondSignature, Self.newSignature] + Self.validation.prefix(1))
        // It could cover what was certified.
        try expect(.notPermitted, [Self.newSignature], .certified(2))
    }

    /// Text, a checkbox, a radio button in a widget below its field, and a second page with an appearance of its own.
    static let filling = Revision(objects: [
        8: SignedSample.widget("Tx", "text", "/V(new)/AP<</N 63 0 R>>"),
        63: SignedSample.form("BT /Helv 9 Tf (new) Tj ET"),
        9: SignedSample.widget("Btn", "tick", "/V/Yes/AS/Yes/AP<</N<</Yes 18 0 R/Off 19 0 R>>>>"),
        30: "<</FT/Btn/Ff 49152/T(choice)/V/B/Kids[31 0 R]>>",
        31: SignedSample().object(31, "/AS/A\n", with: "/AS/B\n"),
        17: SignedSample.widget("Tx", "other", "/V(third)/AP<</N 64 0 R>>", page: 4),
        64: SignedSample.form("BT /Helv 9 Tf (third) Tj ET"),
    ])

    @Test func `SIG-04: filling in the form is permitted unless the certification forbids all changes`() throws {
        try expect(.permitted, [Self.filling])
        try expect(.permitted, [Self.filling], .certified(2))
        try expect(.permitted, [Self.filling], .certified(3))
        try expect(.notPermitted, [Self.filling], .certified(1))
        // In place, as some programs do it, when nothing else uses the appearance.
        let inPlace = Revision(objects: [
            8: SignedSample.widget("Tx", "text", "/V(new)/AP<</N 16 0 R>>"),
            16: SignedSample.form("BT /Helv 9 Tf (new) Tj ET"),
        ])
        var alone = SignedSample()
        alone.objects[29] = "<</N 19 0 R>>"
        try expect(.permitted, [inPlace], alone)
        try expect(.notPermitted, [inPlace])
    }

    @Test func `metadata, document information and unused objects may change`() throws {
        try expect(
            .permitted,
            [
                Revision(objects: [
                    20: SignedSample.stream("/Type/Metadata/Subtype/XML", "<?xpacket?><x:xmpmeta/>"),
                    21: "<</Title(Contract)/ModDate(D:20261120)>>", 70: "<</Unused true>>", 25: "<</Unused true>>",
                ])
            ])
        try expect(
            .permitted, [Revision(objects: [71: "<</Producer(x)>>"], trailer: "/Root 1 0 R/Info 71 0 R/ID[<00><01>]")])
    }

    @Test func `an object that is written again as it was is no change`() throws {
        let again = sample.objects.filter { $0.key != 14 }
        try expect(.permitted, [Revision(objects: again)])
        var sorted = Revision(objects: [2: "<</MediaBox[0 0 400.0 300]/Count 2/Kids[3 0 R 4 0 R]/Type/Pages>>"])
        try expect(.permitted, [sorted])
        sorted.objects[2] = "<</MediaBox[0 0 400.5 300]/Count 2/Kids[3 0 R 4 0 R]/Type/Pages>>"
        try expect(.notPermitted, [sorted])
    }

    @Test func `comments are permitted by a certification of level 3 alone`() throws {
        let note = Revision(objects: [
            13: "[6 0 R 7 0 R 8 0 R 9 0 R 24 0 R 31 0 R 65 0 R 66 0 R]",
            65:
                "<</Type/Annot/Subtype/Highlight/Rect[0 0 9 9]/QuadPoints[0 0 9 0 0 9 9 9]/AP<</N 67 0 R>>/Popup 66 0 R>>",
            66: "<</Type/Annot/Subtype/Popup/Rect[0 0 9 9]/Parent 65 0 R>>",
            67: SignedSample.form("1 1 0 rg 0 0 9 9 re f"),
        ])
        try expect(.permitted, [note], .certified(3))
        for sample in [SignedSample(), .certified(1), .certified(2)] { try expect(.notPermitted, [note], sample) }
        let removed = Revision(objects: [13: "[6 0 R 7 0 R 8 0 R 9 0 R 31 0 R]"])
        try expect(.permitted, [removed], .certified(3))
        try expect(.notPermitted, [removed], .certified(2))
    }

    @Test func `a field that is made read-only, as locking does, still shows the same`() throws {
        try expect(.permitted, [Revision(objects: [8: sample.object(8, "/F 4", with: "/F 4/Ff 1")])])
        try expect(.permitted, [Revision(objects: [6: sample.object(6, "/F 4", with: "/F 132/Ff 1")])])
    }

    @Test func `the first signature of a form-less document may bring the form`() throws {
        var bare = SignedSample()
        bare.objects[1] = sample.object(1, "/AcroForm 5 0 R", with: "")
        bare.objects[13] = "[24 0 R]"
        bare.objects[4] = "<</Type/Page/Parent 2 0 R/Contents 28 0 R>>"
        let revision = Revision(
            objects: [
                1: sample.objects[1] ?? "", 5: "<</Fields[62 0 R]/SigFlags 3/DA(/Helv 0 Tf)>>",
                62: SignedSample.widget("Sig", "three", "/V 60 0 R"), 60: SignedSample.signature("three"),
                13: "[24 0 R 62 0 R]",
            ], signs: "three")
        try expect(.permitted, [revision], bare)
    }

    @Test func `the catalog may be written under a number that was free`() throws {
        let again = Revision(objects: [80: sample.objects[1] ?? ""], trailer: "/Root 80 0 R/Info 21 0 R")
        try expect(.permitted, [again])
        try expect(.permitted, [again, Self.secondSignature.with(trailer: "/Root 80 0 R/Info 21 0 R")])
        let store = sample.object(1, "/Version/1.7", with: "/Version/2.0/DSS<</Certs[51 0 R]>>")
        try expect(
            .permitted,
            [
                Revision(
                    objects: [80: store, 51: SignedSample.stream("", "cert")], trailer: "/Root 80 0 R/Info 21 0 R")
            ], .certified(1))
    }

    @Test func `a signature may take a number that only the trailer names`() throws {
        var open = SignedSample()
        open.trailer = "/Info 21 0 R/AdditionalStreams[/application#2Fx 62 0 R]"
        try expect(.permitted, [Self.newSignature], open)
        // The trailer of the later revision names what comes after it; the earlier signature knows nothing of it.
        let later = Self.newSignature.with(trailer: "/Root 1 0 R/Info 21 0 R/AdditionalStreams[/x 50 0 R]")
        try expect(.permitted, [later] + Self.validation.prefix(1), open)
    }

    @Test func `LTV-01: what was recorded of a validation after the signature may be recorded anew`() throws {
        let catalog = sample.object(1, "/Version/1.7", with: "/Version/1.7/DSS 50 0 R")
        let record = Revision(objects: [
            1: catalog, 50: "<</Certs[51 0 R]/VRI 52 0 R>>", 51: SignedSample.stream("", "cert"),
            52: "<</\(ForbiddenChangesTests.recordKey) 53 0 R>>", 53: "<</Cert[51 0 R]/TU(D:20261120000000Z)>>",
        ])
        let renewed = Revision(objects: [
            53: "<</Cert[51 0 R]/OCSP[54 0 R]/TU(D:20261121000000Z)>>", 54: SignedSample.stream("", "ocsp"),
        ])
        try expect(.permitted, [record, renewed], .certified(1))
    }
}
