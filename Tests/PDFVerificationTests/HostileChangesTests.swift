// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import PDFSyntax
import PDFVerification
import Testing

/// Files made to make the comparison fail, loop or miss something.
struct HostileChangesTests {
    private let sample = SignedSample()

    private func judge(_ bytes: [UInt8], signedEnd: Int) -> ChangeReport? {
        let source = ArraySource(bytes)
        guard let document = try? PDFDocument(source: source) else { return nil }
        return try? RevisionChanges.judge(document: document, source: source, signedEnd: signedEnd)
    }

    @Test func `SIG-15: no object that the signed document uses can be replaced unseen`() throws {
        // Document information and an object that nothing refers to.
        let open: Set<Int> = [21, 25]
        for number in 1...31 {
            for content in ["null", "<</Forged true>>", "[]", SignedSample.stream("", "forged")] {
                let report = try? sample.report(after: [Revision(objects: [number: content])])
                guard let report else { continue }
                #expect(report.verdict == (open.contains(number) ? .permitted : .notPermitted), "\(number) \(content)")
            }
        }
    }

    @Test func `a report lists a limited number of changes, and the verdict counts the rest`() throws {
        var revision = Revision()
        for number in 1_000..<4_000 { revision.objects[number] = "<</Unused \(number)>>" }
        revision.trailer = "/Root 1 0 R/Info 21 0 R"
        var report = try sample.report(after: [revision])
        #expect(report.verdict == .permitted)
        #expect(report.changes.count == ChangeReport.maximumListed + 1)
        revision.objects[10] = SignedSample.stream("", "forged")
        report = try sample.report(after: [revision])
        #expect(report.verdict == .notPermitted)
        #expect(report.changes.first?.object == "10 0 R")
    }

    @Test func `thousands of fields and annotations end in a verdict`() throws {
        var revision = Revision()
        var fields = ""
        for number in 1_000..<3_000 {
            revision.objects[number] = SignedSample.widget("Sig", "s\(number)", "/V 60 0 R")
            fields += "\(number) 0 R "
        }
        revision.objects[60] = SignedSample.signature("many")
        revision.objects[5] = sample.object(5, "30 0 R]", with: "30 0 R \(fields)]")
        revision.objects[13] = "[6 0 R 7 0 R 8 0 R 9 0 R 24 0 R 31 0 R \(fields)]"
        #expect(try sample.report(after: [revision]).verdict == .permitted)
    }

    @Test func `structures that lead back into themselves end in a verdict`() throws {
        let loops: [[Int: String]] = [
            [2: "<</Type/Pages/Kids[2 0 R 3 0 R]/Count 2>>"],
            [5: "<</Fields[5 0 R 6 0 R]/SigFlags 3>>"],
            [30: "<</FT/Btn/T(choice)/V/B/Kids[30 0 R 31 0 R]>>"],
            [8: SignedSample.widget("Tx", "text", "/V 8 0 R/AP 8 0 R")],
            [1: sample.object(1, "/Version", with: "/DSS 50 0 R/Version"), 50: "<</Certs[50 0 R]/VRI 50 0 R>>"],
            [13: "[13 0 R]"], [20: "20 0 R"], [21: "<</A 21 0 R/B 22 0 R>>"],
            [
                8: SignedSample.widget("Tx", "text", "/V(new)/AP<</N 50 0 R>>"),
                50: SignedSample.stream("/Subtype/Form/Resources<</XObject<</X 50 0 R>>>>", "/X Do"),
            ],
        ]
        for (index, loop) in loops.enumerated() {
            _ = try? sample.report(after: [Revision(objects: loop)])
            var looped = sample
            looped.objects.merge(loop) { $1 }
            _ = try? looped.report(after: [PermittedChangesTests.filling])
            _ = try? SignedSample.certified(3).report(after: [Revision(objects: loop)])
            #expect(index < loops.count)
        }
    }

    @Test func `objects that overlap, so that reading each means reading all, end in a verdict`() throws {
        let count = 1_000
        let base = sample.bytes
        let previous = try PDFDocument(source: ArraySource(base)).crossReferenceOffset
        for (opening, closing) in [("(", ")"), ("<</A(", ")>>"), ("(", "")] {
            var text = ""
            var entries = ""
            var references = ""
            for number in 100..<(100 + count) {
                entries += SignedSample.padded(base.count + text.utf8.count) + " 00000 n \n"
                references += "\(number) 0 R "
                text += "\(number) 0 obj\n\(opening)"
            }
            text += String(repeating: closing, count: count) + "\nendobj\n"
            text += """
                xref
                100 \(count)
                \(entries)trailer
                <</Size 9000/Root 1 0 R/Info[\(references)]/Prev \(previous)>>
                startxref
                \(base.count + text.utf8.count)
                %%EOF

                """
            let file = base + Array(text.utf8)
            _ = judge(file, signedEnd: base.count)
            _ = judge(try PermittedChangesTests.filling.appended(to: file), signedEnd: file.count)
        }
    }

    @Test func `truncated and mutated revisions end in a verdict or an error`() throws {
        let signed = sample.bytes
        var file = signed
        for revision in [PermittedChangesTests.filling, PermittedChangesTests.secondSignature]
            + PermittedChangesTests.validation
        {
            file = try revision.appended(to: file)
        }
        #expect(judge(file, signedEnd: signed.count)?.verdict == .permitted)
        var random = SystemIndependentGenerator(state: 20_261_120)
        for _ in 0..<400 {
            var mutated = file
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                let place = Int.random(in: 0..<mutated.count, using: &random)
                switch Int.random(in: 0...2, using: &random) {
                case 0: mutated[place] = UInt8.random(in: 0...255, using: &random)
                case 1: mutated[place] = UInt8.random(in: 0x30...0x39, using: &random)
                default:
                    let other = Int.random(in: 0..<mutated.count, using: &random)
                    mutated.swapAt(place, other)
                }
            }
            _ = judge(mutated, signedEnd: signed.count)
            let cut = Int.random(in: signed.count..<file.count, using: &random)
            _ = judge(Array(file[..<cut]), signedEnd: signed.count)
            _ = judge(file, signedEnd: Int.random(in: -1...(file.count + 1), using: &random))
        }
    }
}

/// SplitMix64, so that a failure can be repeated.
private struct SystemIndependentGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
