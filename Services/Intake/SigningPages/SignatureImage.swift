// SPDX-License-Identifier: Apache-2.0

/// A person's picture of their signature, known by its own header, not by what the sender says of it.
struct SignatureImage: Sendable {
    /// Why bytes are no picture to keep.
    enum Fault: Error, Equatable {
        case tooLarge
        case notAPicture
        case tooManyPixels
    }

    static let maximumBytes = 2 << 20
    static let maximumPixels = 4_000_000

    let bytes: [UInt8]
    let width: Int
    let height: Int

    /// Takes a PNG or a JPEG whose structure is whole.
    init(_ bytes: [UInt8]) throws(Fault) {
        guard bytes.count <= Self.maximumBytes else { throw .tooLarge }
        guard let size = Self.pngSize(bytes) ?? Self.jpegSize(bytes), size.width > 0, size.height > 0 else {
            throw .notAPicture
        }
        // Each side is checked first, so that the product cannot overflow.
        guard size.width <= Self.maximumPixels, size.height <= Self.maximumPixels,
            size.width * size.height <= Self.maximumPixels
        else { throw .tooManyPixels }
        self.bytes = bytes
        (width, height) = size
    }

    private typealias Size = (width: Int, height: Int)

    /// Reads the header chunk and walks the others to the last (PNG specification, 5.3).
    private static func pngSize(_ bytes: [UInt8]) -> Size? {
        guard bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) else { return nil }
        var offset = 8
        var size: Size?
        var hasData = false
        while let length = number(bytes, at: offset, 4), offset + 12 + length <= bytes.count {
            let type = bytes[(offset + 4)..<(offset + 8)]
            if type.elementsEqual("IHDR".utf8) {
                guard offset == 8, length == 13, let width = number(bytes, at: 16, 4),
                    let height = number(bytes, at: 20, 4)
                else { return nil }
                size = (width, height)
            }
            if type.elementsEqual("IDAT".utf8) { hasData = true }
            if type.elementsEqual("IEND".utf8) { return hasData ? size : nil }
            offset += 12 + length
        }
        return nil
    }

    /// Walks the segments to the first scan; the frame header before it has the size (ITU-T T.81, B.2.2).
    private static func jpegSize(_ bytes: [UInt8]) -> Size? {
        guard bytes.starts(with: [0xFF, 0xD8, 0xFF]) else { return nil }
        var offset = 2
        var size: Size?
        while offset + 1 < bytes.count, bytes[offset] == 0xFF {
            let marker = bytes[offset + 1]
            if marker == 0xFF {
                offset += 1
                continue
            }
            guard let length = number(bytes, at: offset + 2, 2), length >= 2, offset + 2 + length <= bytes.count else {
                return nil
            }
            switch marker {
            // A scan without an end is a file that was cut off.
            case 0xDA: return bytes[offset...].contains([0xFF, 0xD9]) ? size : nil
            case 0xC0...0xCF where marker != 0xC4 && marker != 0xC8 && marker != 0xCC:
                guard size == nil, let height = number(bytes, at: offset + 5, 2),
                    let width = number(bytes, at: offset + 7, 2)
                else { return nil }
                size = (width, height)
            default: break
            }
            offset += 2 + length
        }
        return nil
    }

    private static func number(_ bytes: [UInt8], at offset: Int, _ count: Int) -> Int? {
        guard offset + count <= bytes.count else { return nil }
        return bytes[offset..<(offset + count)].reduce(0) { $0 << 8 | Int($1) }
    }
}

extension SigningProblem {
    static func image(_ fault: SignatureImage.Fault) -> SigningProblem {
        let detail =
            switch fault {
            case .tooLarge: "The picture has to be at most 2 MB."
            case .notAPicture: "The picture has to be a whole PNG or JPEG."
            case .tooManyPixels: "The picture has to have at most 4 million pixels; please make it smaller."
            }
        return .fieldInvalid(detail, at: "/signature_image")
    }
}
