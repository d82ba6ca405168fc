// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import PDFSyntax
import PDFVerification
import Testing

/// Changes in object streams, cross-reference streams and hybrids.
struct HiddenChangesTests {
    private let sample = SignedSample()

    /// A revision whose section is a stream; `compressed` objects stand in object stream 40.
    private func streams(
        _ base: [UInt8], compressed: [Int: String], plain: [Int: String] = [:]
    ) throws -> [UInt8] {
        let document = try PDFDocument(source: ArraySource(base))
        var text = ""
        var entries: [Int: [Int]] = [:]
        var objects = plain
        var header = ""
        var content = ""
        for (index, object) in compressed.sorted(by: { $0.key < $1.key }).enumerated() {
            header += "\(object.key) \(content.utf8.count) "
            content += object.value + " "
            entries[object.key] = [2, 40, index]
        }
        if !compressed.isEmpty {
            objects[40] = SignedSample.stream(
                "/Type/ObjStm/N \(compressed.count)/First \(header.utf8.count)", header + content)
        }
        for (number, object) in objects.sorted(by: { $0.key < $1.key }) {
            entries[number] = [1, base.count + text.utf8.count, 0]
            text += "\(number) 0 obj\n\(object)\nendobj\n"
        }
        let start = base.count + text.utf8.count
        entries[98] = [1, start, 0]
        let numbers = entries.keys.sorted()
        let data = numbers.compactMap { entries[$0] }.flatMap { entry -> [UInt8] in
            [entry[0], entry[1] >> 16, entry[1] >> 8, entry[1], entry[2]].map { UInt8(truncatingIfNeeded: $0) }
        }
        let index = numbers.map { "\($0) 1" }.joined(separator: " ")
        let hex = Hex.encode(data) + ">"
        let section = """
            98 0 obj
            <</Type/XRef/W[1 3 1]/Index[\(index)]/Size 99/Root 1 0 R/Info 21 0 R/Prev \(document.crossReferenceOffset)\
            /Filter/ASCIIHexDecode/Length \(hex.utf8.count)>>
            stream
            \(hex)
            endstream
            endobj
            startxref
            \(start)
            %%EOF

            """
        return base + Array((text + section).utf8)
    }

    private func verdict(_ bytes: [UInt8], signedEnd: Int) throws -> ChangeVerdict {
        let source = ArraySource(bytes)
        return try RevisionChanges.judge(
            document: PDFDocument(source: source), source: source, signedEnd: signedEnd
        ).verdict
    }

    @Test func `changes are judged in object streams as anywhere`() throws {
        let signed = sample.bytes
        let filled = try streams(
            signed, compressed: [8: SignedSample.widget("Tx", "text", "/V(new)/AP<</N 63 0 R>>")],
            plain: [63: SignedSample.form("(new) Tj")])
        #expect(try verdict(filled, signedEnd: signed.count) == .permitted)
        let forged = try streams(signed, compressed: [3: sample.object(3, "10 0 R", with: "25 0 R")])
        #expect(try verdict(forged, signedEnd: signed.count) == .notPermitted)
    }

    @Test func `SIG-15: an object stream that holds signed objects may not be replaced`() throws {
        let signed = try streams(sample.bytes, compressed: [2: sample.objects[2] ?? "", 3: sample.objects[3] ?? ""])
        #expect(try verdict(signed, signedEnd: signed.count) == .none)
        let unchanged = try streams(signed, compressed: [:], plain: [71: "<<>>"])
        #expect(try verdict(unchanged, signedEnd: signed.count) == .permitted)
        let forged = Revision(objects: [
            40: SignedSample.stream(
                "/Type/ObjStm/N 2/First 8",
                "2 0 3 49 <</Type/Pages/Kids[3 0 R]/Count 1/Resources<<>>>> <</Type/Page/Parent 2 0 R/Contents 25 0 R>>"
            )
        ])
        #expect(try verdict(try forged.appended(to: signed), signedEnd: signed.count) == .notPermitted)
    }

    @Test func `SIG-15: what a hybrid hides from old readers is judged too`() throws {
        let signed = sample.bytes
        let text = "10 0 obj\n\(SignedSample.stream("", "BT (Pay 999) Tj ET"))\nendobj\n"
        let hidden = signed.count + text.utf8.count
        let hex =
            "01"
            + Hex.encode([UInt8(signed.count >> 16 & 255), UInt8(signed.count >> 8 & 255), UInt8(signed.count & 255)])
            + "00>"
        let stream = """
            97 0 obj
            <</Type/XRef/W[1 3 1]/Index[10 1]/Size 98/Filter/ASCIIHexDecode/Length \(hex.utf8.count)>>
            stream
            \(hex)
            endstream
            endobj

            """
        for table in ["10 1\n0000000000 00000 f \n", "0 1\n0000000000 65535 f \n", ""] {
            let start = hidden + stream.utf8.count
            let document = try PDFDocument(source: ArraySource(signed))
            let end = """
                xref
                \(table)trailer
                <</Size 98/Root 1 0 R/Info 21 0 R/XRefStm \(hidden)/Prev \(document.crossReferenceOffset)>>
                startxref
                \(start)
                %%EOF

                """
            let bytes = signed + Array((text + stream + end).utf8)
            #expect(try verdict(bytes, signedEnd: signed.count) == .notPermitted, "\(table)")
        }
    }
}
