// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing
import Typography

struct FontLibraryTests {
    private func shape(_ text: String) throws -> ShapedLine { try FontLibrary.installed.shape(text) }

    @Test(arguments: [
        ("Zoë Miller", "NotoSans-Regular"), ("Мария Ковалёва", "NotoSans-Regular"),
        ("Ελένη Παπαδοπούλου", "NotoSans-Regular"), ("محمد الشريف", "NotoSansArabic-Regular"),
        ("山田太郎", "DroidSansFallback"), ("שרה לוי", "NotoSansHebrew-Regular"),
    ])
    func `each script is set in one font that covers it`(text: String, font: String) throws {
        let line = try shape(text)
        #expect(line.runs.map(\.font.name) == [font])
        #expect(line.width > 1)
        #expect(!line.runs.flatMap(\.glyphs).contains { $0.id == 0 })
    }

    @Test func `Arabic letters join and run from right to left`() throws {
        let line = try shape("محمد")
        let glyphs = try #require(line.runs.first).glyphs
        #expect(line.isRightToLeft)
        #expect(glyphs.map(\.cluster) == [3, 2, 1, 0])
        // The two letters م stand in different forms, since they join differently.
        #expect(glyphs[3].id != glyphs[1].id)
    }

    @Test func `digits and Latin words within Arabic keep their own order`() throws {
        let line = try shape("وقّع Anna في 2026")
        #expect(line.isRightToLeft)
        let latin = try #require(line.runs.first { $0.range.contains(5) })
        #expect(!latin.isRightToLeft)
        #expect(latin.glyphs.map(\.cluster) == latin.glyphs.map(\.cluster).sorted())
    }

    @Test func `what no font covers becomes a replacement character, and stays known`() throws {
        let line = try shape("A\u{13000}B")
        #expect(line.scalars == [0x41, 0xFFFD, 0x42])
        #expect(line.source == [0x41, 0x13000, 0x42])
        #expect(!line.runs.flatMap(\.glyphs).contains { $0.id == 0 })
    }

    @Test func `controls and overrides of direction are not shown`() throws {
        let line = try shape("a\u{0}b\u{202E}c\u{2066}d\te\n")
        #expect(line.source == Array("abcd e ".unicodeScalars.map(\.value)))
        #expect(!line.isRightToLeft)
    }

    @Test func `clusters name the glyphs of each character, in both directions`() throws {
        let latin = try #require(try shape("ab").runs.first)
        #expect(latin.clusters.map(\.scalars) == [0..<1, 1..<2])
        let arabic = try #require(try shape("وقّع").runs.first)
        #expect(arabic.clusters.map(\.scalars) == [3..<4, 1..<3, 0..<1])
        #expect(arabic.clusters[1].glyphs.count == 2)
    }

    @Test func `private characters are shown as what nobody knows`() throws {
        #expect(try shape("A\u{E000}\u{F0000}").source == [0x41, 0xFFFD, 0xFFFD])
    }

    @Test func `a missing font is named`() {
        let library = FontLibrary(folder: "/nowhere", files: ["a.ttf"])
        #expect(throws: TypographyError.fontMissing(path: "/nowhere/a.ttf")) { _ = try library.shape("a") }
        let notAFont = FontLibrary(folder: "/etc", files: ["passwd"])
        #expect(throws: TypographyError.fontUnusable(path: "/etc/passwd")) { _ = try notAFont.shape("a") }
    }

    @Test func `a text needs only the fonts that come before the one that covers it`() throws {
        let library = FontLibrary(
            folder: FontLibrary.debianFolder, files: [FontLibrary.files[0], "missing.ttf"])
        #expect(try library.shape("Zoë").runs.count == 1)
        #expect(throws: TypographyError.self) { _ = try library.shape("山") }
    }

    @Test func `a subset holds the glyphs asked for and is the same every time`() throws {
        let line = try shape("Zoë Miller")
        let run = try #require(line.runs.first)
        let ids = Set(run.glyphs.map(\.id))
        let subset = try run.font.subset(ids)
        #expect(subset.originals.first == 0)
        #expect(ids.isSubset(of: subset.originals))
        #expect(subset.program.count < 4_000)
        #expect(try run.font.subset(ids.sorted().reversed()) == subset)
    }

    @Test(arguments: [("compact-named.otf", [0, 1, 2]), ("compact-keyed.otf", [0, 40, 1000])])
    func `a CFF font is reduced to a bare table whose own identifiers are known`(file: String, ids: [Int]) throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures").path
        let run = try #require(try FontLibrary(folder: folder, files: [file]).shape("AC").runs.first)
        #expect(run.font.outlines == .compact)
        let subset = try run.font.subset(run.glyphs.map(\.id))
        #expect(subset.originals == [0, 2, 4])
        #expect(subset.characterIDs == ids)
        #expect(subset.program.starts(with: [1, 0]))
    }

    @Test func `many threads shape and reduce at once with the same result`() async throws {
        let text = "Signed by محمد الشريف 山田太郎 (e-mail link)"
        let library = FontLibrary(folder: FontLibrary.debianFolder)
        let results = try await withThrowingTaskGroup(of: [FontSubset].self) { group in
            for _ in 0..<16 {
                group.addTask { try library.shape(text).runs.map { try $0.font.subset($0.glyphs.map(\.id)) } }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(results.allSatisfy { $0 == results[0] })
    }

    @Test func `random text of all planes is shaped without a trap`() throws {
        var state: UInt64 = 7
        for _ in 0..<300 {
            var view = String.UnicodeScalarView()
            for _ in 0..<40 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let limit: UInt64 = state >> 20 & 1 == 0 ? 0x3000 : 0x30000
                if let scalar = Unicode.Scalar(UInt32((state >> 33) % limit)) { view.append(scalar) }
            }
            let line = try shape(String(view))
            #expect(line.runs.allSatisfy { run in run.glyphs.allSatisfy { run.range.contains($0.cluster) } })
        }
    }
}
