// SPDX-License-Identifier: Apache-2.0
import Foundation
import Images
import Testing

struct PNGImageTests {
    private func file(_ name: String) throws -> [UInt8] {
        Array(
            try Data(
                contentsOf: URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/\(name).png")
            ))
    }

    private func decode(_ name: String) throws -> PNGImage { try PNGImage(file(name), maximumPixels: 15) }

    private static let kinds = [
        ("rgba", 4), ("rgb", 3), ("grey-alpha", 2), ("grey", 1), ("palette", 3), ("palette-transparent", 4),
        ("one-bit", 1),
        ("grey-16", 1), ("grey-interlaced", 1),
    ]

    @Test(arguments: kinds)
    func `every kind of PNG becomes plain samples`(name: String, channels: Int) throws {
        let image = try decode(name)
        #expect((image.width, image.height, image.channels) == (5, 3, channels))
        #expect(image.samples.count == 15 * channels)
    }

    @Test func `colours, opacity and order are right`() throws {
        let colors = try decode("rgba").samples
        #expect(Array(colors[0..<4]) == [0, 0, 200, 0])
        #expect(Array(colors[(4 * 9)..<(4 * 10)]) == [200, 100, 200, 255])
        #expect(
            try decode("grey-interlaced").samples == (0..<3).flatMap { y in (0..<5).map { UInt8(40 * $0 + 10 * y) } })
    }

    @Test func `sixteen bits are taken as they are seen, not as amounts of light`() throws {
        let samples = try Array(decode("grey-16").samples.prefix(5))
        #expect(samples == [0, 64, 127, 191, 255])
    }

    @Test func `bytes that are no PNG are refused`() {
        for bytes in [[], [0x89], Array("GIF89a".utf8), [UInt8](repeating: 0, count: 1000)] as [[UInt8]] {
            #expect(throws: ImageError.damaged) { _ = try PNGImage(bytes, maximumPixels: 100) }
        }
    }

    @Test func `a picture of too many pixels is refused before any is decoded`() throws {
        #expect(throws: ImageError.tooLarge(maximumPixels: 4 << 20)) {
            _ = try PNGImage(file("bomb"), maximumPixels: 4 << 20)
        }
        #expect(throws: ImageError.tooLarge(maximumPixels: 14)) { _ = try PNGImage(file("rgb"), maximumPixels: 14) }
    }

    @Test(arguments: kinds)
    func `cut and damaged files end in an error or in a picture`(name: String, channels: Int) throws {
        let whole = try file(name)
        for end in 0..<(whole.count - 12) {
            #expect(throws: ImageError.self) { _ = try PNGImage(Array(whole[..<end]), maximumPixels: 100) }
        }
        for position in whole.indices {
            var damaged = whole
            damaged[position] ^= 0xFF
            if let image = try? PNGImage(damaged, maximumPixels: 100) {
                #expect(image.samples.count == image.width * image.height * image.channels)
            }
        }
    }
}
