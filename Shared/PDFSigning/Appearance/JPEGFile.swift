// SPDX-License-Identifier: Apache-2.0

/// A JPEG that a PDF can carry as it is (ISO 32000-2, 7.4.8; ITU-T T.81, annex B).
struct JPEGFile: Sendable, Equatable {
    /// The stream without comments and metadata, which may tell where a photograph was taken.
    let stream: [UInt8]
    let width: Int
    let height: Int
    /// 1, 3 or 4.
    let components: Int
    /// Four inks whose values an application of Adobe's wrote upside down.
    let isInverted: Bool
    /// How to turn it, 1 to 8 (Exif 2.3, 4.6.4).
    let orientation: Int

    /// Reads the headers and looks for the end; nil for what is damaged or of a kind that PDF does not know.
    init?(_ file: [UInt8]) {
        var parser = Parser(file)
        guard parser.run(), let frame = parser.frame, parser.hasScan else { return nil }
        stream = parser.stream
        width = frame.width
        height = frame.height
        components = frame.components
        isInverted = frame.components == 4 && parser.hasAdobeMarker
        orientation = parser.orientation
    }

    private struct Frame {
        let width, height, components: Int
    }

    private struct Parser {
        let file: [UInt8]
        var position = 2
        var stream: [UInt8] = [0xFF, 0xD8]
        var frame: Frame?
        var hasScan = false
        var hasAdobeMarker = false
        var orientation = 1

        init(_ file: [UInt8]) {
            self.file = file
            stream.reserveCapacity(file.count)
        }

        /// True when the end of the image was reached.
        mutating func run() -> Bool {
            guard file.starts(with: [0xFF, 0xD8]) else { return false }
            while let marker = nextMarker() {
                if marker == 0xD9 {
                    stream += [0xFF, 0xD9]
                    return true
                }
                guard let segment = nextSegment(), take(marker, segment) else { return false }
            }
            return false
        }

        private mutating func nextMarker() -> UInt8? {
            guard position < file.count, file[position] == 0xFF else { return nil }
            while position < file.count, file[position] == 0xFF { position += 1 }
            guard position < file.count else { return nil }
            defer { position += 1 }
            return file[position]
        }

        /// What follows the length.
        private mutating func nextSegment() -> ArraySlice<UInt8>? {
            guard position + 2 <= file.count else { return nil }
            let length = Int(file[position]) << 8 | Int(file[position + 1])
            guard length >= 2, position + length <= file.count else { return nil }
            defer { position += length }
            return file[(position + 2)..<(position + length)]
        }

        private mutating func take(_ marker: UInt8, _ segment: ArraySlice<UInt8>) -> Bool {
            switch marker {
            case 0xC0, 0xC1, 0xC2: guard takeFrame(segment) else { return false }
            case 0xC4, 0xDB, 0xDD: break
            case 0xDA:
                guard frame != nil else { return false }
                hasScan = true
                keep(marker, segment)
                takeScan()
                return true
            case 0xE0 where segment.count <= 14 && segment.starts(with: "JFIF".utf8): break
            case 0xEE where segment.starts(with: "Adobe".utf8): hasAdobeMarker = true
            case 0xE1:
                if segment.starts(with: "Exif\0\0".utf8) { takeOrientation(Array(segment.dropFirst(6))) }
                return true
            case 0xE0...0xEF, 0xFE: return true
            // Arithmetic coding, lossless and hierarchical images, and what may only stand elsewhere.
            default: return false
            }
            keep(marker, segment)
            return true
        }

        private mutating func keep(_ marker: UInt8, _ segment: ArraySlice<UInt8>) {
            let length = segment.count + 2
            stream += [0xFF, marker, UInt8(length >> 8), UInt8(length & 0xFF)]
            stream += segment
        }

        private mutating func takeFrame(_ segment: ArraySlice<UInt8>) -> Bool {
            let bytes = Array(segment)
            guard frame == nil, bytes.count >= 6, bytes[0] == 8 else { return false }
            let height = Int(bytes[1]) << 8 | Int(bytes[2])
            let width = Int(bytes[3]) << 8 | Int(bytes[4])
            let components = Int(bytes[5])
            guard width > 0, height > 0, [1, 3, 4].contains(components), bytes.count == 6 + 3 * components else {
                return false
            }
            frame = Frame(width: width, height: height, components: components)
            return true
        }

        /// Entropy-coded data ends at a marker that is neither a stuffed zero nor a restart.
        private mutating func takeScan() {
            let start = position
            while position + 1 < file.count {
                if file[position] == 0xFF {
                    let next = file[position + 1]
                    if next != 0, next != 0xFF, !(0xD0...0xD7).contains(next) { break }
                }
                position += 1
            }
            stream += file[start..<position]
        }

        /// Tag 0x0112 of the first directory of a TIFF header.
        private mutating func takeOrientation(_ tiff: [UInt8]) {
            guard tiff.count >= 8 else { return }
            let isLittle = tiff[0] == UInt8(ascii: "I")
            func number(_ offset: Int, _ count: Int) -> Int? {
                guard offset >= 0, offset + count <= tiff.count else { return nil }
                let bytes = tiff[offset..<(offset + count)]
                return (isLittle ? Array(bytes.reversed()) : Array(bytes)).reduce(0) { $0 << 8 | Int($1) }
            }
            guard let directory = number(4, 4), let count = number(directory, 2) else { return }
            for index in 0..<count {
                guard let tag = number(directory + 2 + 12 * index, 2) else { return }
                if tag == 0x0112, let value = number(directory + 10 + 12 * index, 2), (1...8).contains(value) {
                    orientation = value
                    return
                }
            }
        }
    }
}
