// SPDX-License-Identifier: Apache-2.0

/// A plain PDF of any size, different for each number: pages of text, the rest of the size in pictures that look like noise.
package struct OfferDocument: Sendable {
    package let number: UInt64
    /// Met to within a few hundred bytes.
    package let size: Int

    private static let pictureWidth = 256
    private static let largestPicture = 1_000_000

    package init(number: UInt64, size: Int = 30_000) {
        self.number = number
        self.size = size
    }

    /// The same bytes for the same number and size.
    package var bytes: [UInt8] {
        var writer = ObjectWriter(capacity: size + 4096)
        var noise = Noise(state: number &* 0x9E37_79B9_7F4A_7C15 &+ 1)
        let pictures = max(1, (size - 2500 + Self.largestPicture - 1) / Self.largestPicture)
        let room = max(Self.pictureWidth * 3, size - 2200 - pictures * 900) / pictures
        let rows = max(1, room / (Self.pictureWidth * 3))
        let firstPage = 4
        let kids = (0..<pictures).map { "\(firstPage + $0 * 3) 0 R" }.joined(separator: " ")
        writer.object("<</Type/Catalog/Pages 2 0 R>>")
        writer.object("<</Type/Pages/Count \(pictures)/MediaBox[0 0 595 842]/Kids[\(kids)]>>")
        writer.object("<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>")
        for page in 0..<pictures {
            let content = firstPage + page * 3 + 1
            writer.object(
                "<</Type/Page/Parent 2 0 R/Contents \(content) 0 R/Resources<</Font<</F1 3 0 R>>/XObject<</I1 \(content + 1) 0 R>>>>>>"
            )
            writer.stream("", Array(text(page: page, noise: &noise).utf8))
            writer.stream(
                "/Type/XObject/Subtype/Image/Width \(Self.pictureWidth)/Height \(rows)/ColorSpace/DeviceRGB/BitsPerComponent 8",
                noise.bytes(Self.pictureWidth * 3 * rows))
        }
        return writer.finished()
    }

    private func text(page: Int, noise: inout Noise) -> String {
        var lines = ["BT /F1 11 Tf 14 TL 56 780 Td (Offer \(number), page \(page + 1)) Tj T*"]
        for clause in 1...12 {
            lines.append(
                "(\(clause). The fee for item \(noise.next() % 100_000) is \(noise.next() % 10_000) a month.) Tj T*")
        }
        return lines.joined(separator: "\n") + "\nET\nq 480 0 0 120 56 420 cm /I1 Do Q\n"
    }
}

/// SplitMix64: quick, and different for each start.
package struct Noise: Sendable, RandomNumberGenerator {
    private var state: UInt64

    package init(state: UInt64) { self.state = state }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    mutating func bytes(_ count: Int) -> [UInt8] {
        let words = (count + 7) / 8
        return Array(
            [UInt8](unsafeUninitializedCapacity: words * 8) { buffer, initialized in
                for word in 0..<words {
                    UnsafeMutableRawBufferPointer(buffer).storeBytes(
                        of: next(), toByteOffset: word * 8, as: UInt64.self)
                }
                initialized = words * 8
            }.prefix(count))
    }
}

/// Numbers objects from 1 and keeps their places for the cross-reference table (ISO 32000-2, 7.5.4).
private struct ObjectWriter {
    private var bytes: [UInt8] = []
    private var places: [Int] = []

    init(capacity: Int) {
        bytes.reserveCapacity(capacity)
        append("%PDF-1.7\n%\u{E2}\u{E3}\n")
    }

    mutating func object(_ content: String) {
        places.append(bytes.count)
        append("\(places.count) 0 obj\n\(content)\nendobj\n")
    }

    mutating func stream(_ entries: String, _ content: [UInt8]) {
        places.append(bytes.count)
        append("\(places.count) 0 obj\n<<\(entries)/Length \(content.count)>>\nstream\n")
        bytes.append(contentsOf: content)
        append("\nendstream\nendobj\n")
    }

    mutating func finished() -> [UInt8] {
        let start = bytes.count
        append("xref\n0 \(places.count + 1)\n0000000000 65535 f \n")
        for place in places {
            let digits = String(place)
            append(String(repeating: "0", count: 10 - digits.count) + digits + " 00000 n \n")
        }
        append("trailer\n<</Size \(places.count + 1)/Root 1 0 R>>\nstartxref\n\(start)\n%%EOF\n")
        return bytes
    }

    private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }
}
