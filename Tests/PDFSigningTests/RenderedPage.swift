// SPDX-License-Identifier: Apache-2.0
import Foundation
import Images

/// A page as poppler shows it at 100 dots an inch, in grey.
struct RenderedPage {
    let width: Int
    let height: Int
    private let samples: [UInt8]

    init(png: [UInt8]) throws {
        let image = try PNGImage(png, maximumPixels: 1 << 20)
        width = image.width
        height = image.height
        let channels = image.channels
        samples = stride(from: 0, to: image.samples.count, by: channels).map { image.samples[$0] }
    }

    /// The PNG that `pdftocairo` makes of the first page.
    static func png(of document: [UInt8]) throws -> [UInt8] {
        let folder = try Tool.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Tool.write(document, to: "\(folder)/a.pdf")
        let result = try Tool.run([
            "pdftocairo", "-png", "-gray", "-cropbox", "-r", "100", "-singlefile", "\(folder)/a.pdf", "\(folder)/a",
        ])
        guard result.status == 0, result.output.isEmpty else { throw Complaint(output: result.output) }
        return Array(try Data(contentsOf: URL(filePath: "\(folder)/a.png")))
    }

    /// What poppler says of a page that it cannot show well.
    struct Complaint: Error {
        let output: String
    }

    /// The mean difference of two pages of one size, 0 to 255, after a blur that forgives other smoothing of edges.
    func difference(from other: RenderedPage) -> Double {
        guard width == other.width, height == other.height else { return 255 }
        let pairs = zip(blurred(), other.blurred())
        // Only where either page shows something, so that much white does not hide a wrong glyph.
        var sum = 0
        var inked = 0
        for (left, right) in pairs where left < 250 || right < 250 {
            sum += abs(left - right)
            inked += 1
        }
        return inked == 0 ? 0 : Double(sum) / Double(inked)
    }

    private func blurred() -> [Int] {
        (0..<height).flatMap { y in
            (0..<width).map { x in
                var sum = 0
                var count = 0
                for row in max(0, y - 1)...min(height - 1, y + 1) {
                    for column in max(0, x - 1)...min(width - 1, x + 1) {
                        sum += Int(samples[row * width + column])
                        count += 1
                    }
                }
                return sum / count
            }
        }
    }

    /// The share of dark pixels in a part of the page.
    func ink(x: Range<Int>, y: Range<Int>) -> Double {
        var dark = 0
        for row in y { for column in x where samples[row * width + column] < 128 { dark += 1 } }
        return Double(dark) / Double(x.count * y.count)
    }
}
