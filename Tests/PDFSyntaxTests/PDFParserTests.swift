// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import PDFSyntax

struct PDFParserTests {
    private func parse(_ text: String) throws(PDFError) -> PDFObject {
        var parser = PDFParser(Array(text.utf8), limits: .default)
        return try parser.object()
    }

    @Test(arguments: [
        ("null", PDFObject.null), ("true ", .bool(true)), ("-17", .integer(-17)), ("+3", .integer(3)),
        ("4.50", .real(Array("4.50".utf8))), ("-.5", .real(Array("-.5".utf8))), ("/A#42c", .name("ABc")),
        ("/", .name("")), ("(a(b)\\)\\101\\\nx)", .string(Array("a(b))Ax".utf8))), ("<4 1 7>", .string([0x41, 0x70])),
        ("[1 0 R 2 3]", .array([.reference(PDFReference(number: 1)), .integer(2), .integer(3)])),
        ("% note\n<</A/B/C 1>>", .dictionary(PDFDictionary([("A", .name("B")), ("C", .integer(1))]))),
        ("12 0 Rx", .integer(12)), ("99999999999999999999", .real(Array("99999999999999999999".utf8))),
    ])
    func `every kind of object is read as ISO 32000 writes it`(text: String, expected: PDFObject) throws {
        #expect(try parse(text) == expected)
    }

    @Test(arguments: [
        "", "(abc", "<41", "[1 2", "<</A 1", "<</A 1>", ")", "[1 endobj", "<</A 1 endstream", "}", "<</A [1 >>",
        String(repeating: "1", count: 401), "/" + String(repeating: "n", count: 4_097),
    ])
    func `a malformed object is refused`(text: String) {
        #expect(throws: PDFError.self) { try parse(text) }
    }

    @Test(arguments: [
        ("--5", PDFObject.integer(-5)), ("+-5", .integer(-5)), ("5-3", .integer(53)), ("-", .integer(0)),
        ("+", .integer(0)), (".", .integer(0)), ("-.", .integer(0)), (".5.", .real(Array(".5".utf8))),
        ("1.2.3", .real(Array("1.2".utf8))), ("-1-.5", .real(Array("-1.5".utf8))), ("1e3", .integer(1_000)),
        ("2.5E-1", .real(Array("0.25".utf8))), ("1e999", .integer(1)), ("0 0 R", .null), ("tru", .null),
        ("nul", .null), ("endobj", .null), ("<4g 1>", .string([0x41])),
        ("[1 foo 2]", .array([.integer(1), .null, .integer(2)])),
        ("<<1 2/A 3>>", .dictionary(PDFDictionary([("A", .integer(3))]))),
        ("<</A 12abc/B 3>>", .dictionary(PDFDictionary([("A", .integer(12)), ("B", .integer(3))]))),
        ("<</A/B>>", .dictionary(PDFDictionary([("A", .name("B"))]))),
        ("<</A>>", .dictionary(PDFDictionary([("A", .null)]))),
    ])
    func `slips of writers are read as poppler and pdf.js read them`(text: String, expected: PDFObject) throws {
        #expect(try parse(text) == expected)
    }

    @Test(arguments: [("[1 2 )", "at byte 5 of the file"), ("<</A 1>x", "at byte 6 of the file")])
    func `an error names the byte`(text: String, place: String) {
        #expect { try parse(text) } throws: { "\($0)".contains(place) }
    }

    @Test func `nesting beyond the limit is too complex`() {
        #expect { try parse(String(repeating: "[", count: 10_000)) } throws: { ($0 as? PDFError)?.code == .tooComplex }
    }

    @Test func `more values than the limit are too complex`() {
        var limits = PDFLimits.default
        limits.maximumValues = 10
        var parser = PDFParser(Array("[1 2 3 4 5 6 7 8 9]".utf8), limits: limits)
        #expect(throws: Never.self) { try parser.object() }
        var longer = PDFParser(Array("[1 2 3 4 5 6 7 8 9 10]".utf8), limits: limits)
        #expect { try longer.object() } throws: { ($0 as? PDFError)?.code == .tooComplex }
    }

    @Test func `of two equal keys the last counts, and alone is written back`() throws {
        let dictionary = try #require(try parse("<</A 1/B 2/A 3>>").dictionaryValue)
        #expect(dictionary["A"] == .integer(3))
        var written: [UInt8] = []
        PDFSerializer.append(dictionary, to: &written)
        #expect(String(decoding: written, as: UTF8.self) == "<</B 2/A 3>>")
    }

    @Test(arguments: [
        "<</A [1 2.50 -3]/B (x\\(y)/C <FEFF00E9>/D /E#20#C3#A9/F null/G 7 0 R/H true>>", "[[] <<>> () <>]",
    ])
    func `writing an object and reading it again changes nothing`(text: String) throws {
        let object = try parse(text)
        var written: [UInt8] = []
        PDFSerializer.append(object, to: &written)
        var parser = PDFParser(written, limits: .default)
        #expect(try parser.object() == object)
    }

    @Test func `random bytes end in an object or a refusal`() {
        var generator = SeededGenerator(seed: 1)
        let alphabet = Array("<>[]()/%#\\ 0123456789.-+Rtrufalsen\n\r".utf8)
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0..<40, using: &generator)).map { _ in
                Bool.random(using: &generator)
                    ? UInt8.random(in: 0...255, using: &generator) : alphabet.randomElement(using: &generator) ?? 0
            }
            var parser = PDFParser(bytes, limits: .default)
            _ = try? parser.object()
            #expect(parser.position <= bytes.count)
        }
    }

    @Test(arguments: [(0.0, "0"), (1.5, "1.5"), (-0.25, "-0.25"), (-12.00004, "-12"), (1e20, "0"), (0.1 + 0.2, "0.3")])
    func `numbers are written with four decimals at most`(value: Double, text: String) {
        #expect(PDFNumberText.text(value) == text)
    }

    @Test(arguments: ["Anna", "Zoë", "日本", "a(b"])
    func `text strings keep every character`(text: String) throws {
        let bytes = try #require(PDFSerializer.textString(text).stringValue)
        #expect(PDFSerializer.text(of: bytes) == text)
    }
}
