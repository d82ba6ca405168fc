// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Foundation
import PDFSyntax
import Testing

@testable import PDFSigning

struct SignatureImageTests {
    private func code(_ bytes: [UInt8]) -> PDFError.Code? {
        do throws(PDFError) {
            _ = try SignatureImage(bytes)
            return nil
        } catch {
            return error.code
        }
    }

    @Test func `pictures of the wrong kind or size are refused before they are decoded`() throws {
        #expect(code([]) == .imageUnusable)
        #expect(code(Array("GIF89a".utf8)) == .imageUnusable)
        #expect(code([UInt8](repeating: 0x89, count: SignatureImage.maximumBytes + 1)) == .imageUnusable)
        let bomb = try Data(contentsOf: Fixtures.tests.appending(path: "../ImagesTests/Fixtures/bomb.png"))
        #expect(throws: PDFError(.imageUnusable, "The signature image has more than 4194304 pixels.")) {
            _ = try SignatureImage(Array(bomb))
        }
        var huge = try Fixtures.bytes("photo.jpg")
        let frame = try #require(huge.indices.first { huge[$0] == 0xFF && huge[$0 + 1] == 0xC0 })
        for offset in 5...8 { huge[frame + offset] = 0xFF }
        #expect(code(huge) == .imageUnusable)
    }

    @Test func `cut and damaged pictures end in an error, or in a picture`() throws {
        for name in ["ink.png", "photo.jpg", "turned.jpg", "four-inks.jpg", "grey-progressive.jpg"] {
            let file = try Fixtures.bytes(name)
            for end in stride(from: 0, to: file.count - 12, by: 131) {
                #expect(code(Array(file[..<end])) == .imageUnusable, "\(name) cut at \(end)")
            }
            var state: UInt64 = 11
            for _ in 0..<100 {
                var damaged = file
                for _ in 0..<4 {
                    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                    damaged[Int(state >> 33) % damaged.count] = UInt8(truncatingIfNeeded: state >> 20)
                }
                let result = code(damaged)
                #expect(result == nil || result == .imageUnusable)
            }
        }
    }

    @Test func `a JPEG loses its metadata and keeps its pixels, colours and turn`() throws {
        let file = try Fixtures.bytes("turned.jpg")
        let jpeg = try #require(JPEGFile(file))
        #expect((jpeg.width, jpeg.height, jpeg.components, jpeg.orientation) == (90, 240, 3, 6))
        let text = String(decoding: jpeg.stream.map { $0 < 0x80 ? $0 : 0x3F }, as: UTF8.self)
        #expect(!text.contains("secret") && !text.contains("Exif") && !text.contains("comment"))
        #expect(try SignatureImage(file).aspect > 2)
        let inks = try #require(JPEGFile(Fixtures.bytes("four-inks.jpg")))
        #expect(inks.components == 4 && inks.isInverted)
        #expect(try #require(JPEGFile(Fixtures.bytes("grey-progressive.jpg"))).components == 1)
    }

    @Test func `what follows the end of a JPEG is left out`() throws {
        let file = try Fixtures.bytes("photo.jpg")
        let longer = try #require(JPEGFile(file + Array("%PDF-1.7 and more".utf8)))
        #expect(longer == JPEGFile(file))
    }

    @Test(.enabled(if: Tool.exists("pdftocairo"), "needs pdftocairo"), arguments: 1...8)
    func `every turn of a camera ends upright`(orientation: Int) throws {
        // The value of the only entry of the Exif directory, as Pillow writes it.
        var file = try Fixtures.bytes("turned.jpg")
        let tag = try #require(
            file.indices.dropLast(12).first { Array(file[$0..<($0 + 4)]) == [0x01, 0x12, 0x00, 0x03] }
                ?? file.indices.dropLast(12).first { Array(file[$0..<($0 + 4)]) == [0x12, 0x01, 0x03, 0x00] })
        let isBig = file[tag] == 0x01
        file[tag + (isBig ? 9 : 8)] = UInt8(orientation)
        let image = try SignatureImage(file)
        #expect((image.aspect > 1) == (orientation >= 5))
        let frame = WidgetFrame(rectangle: PDFRectangle(0, 0, 200, 60), rotation: 0)
        let mark = SignatureLayout(frame: frame, mark: .image(image), hasText: false).mark
        var sample = AppearanceSample(name: "turn", place: [10, 10, frame.width, frame.height])
        sample.file = file
        let page = try RenderedPage(png: RenderedPage.png(of: sample.signed()))
        // A sixth of the shorter side is the square, which is stored at the lower left.
        let side = min(mark.width, mark.height) / 6
        func ink(_ isRight: Bool, _ isUpper: Bool) -> Double {
            let x = 10 + mark.x + (isRight ? mark.width - side : 0)
            let y = 10 + frame.height - mark.y - (isUpper ? mark.height : side)
            func pixels(_ start: Double) -> Range<Int> {
                Int((start + side / 4) * 100 / 72)..<Int((start + side * 3 / 4) * 100 / 72)
            }
            return page.ink(x: pixels(x), y: pixels(y))
        }
        let right = [2, 3, 5, 8].contains(orientation)
        let upper = [3, 4, 5, 6].contains(orientation)
        #expect(ink(right, upper) > 0.9)
        #expect(ink(!right, upper) + ink(right, !upper) + ink(!right, !upper) < 0.5)
    }
}
