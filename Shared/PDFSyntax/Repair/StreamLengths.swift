// SPDX-License-Identifier: Apache-2.0

/// Finds where the data of streams ends, believing a stated length only where `endstream` follows it.
struct StreamLengths {
    private static let searchBytes = 64 << 10

    private let window: FileWindow
    private let limits: PDFLimits
    /// Every object that is a number, read when the first length is asked for that stands elsewhere.
    private var numbers: [Int: Int]?

    init(window: FileWindow, limits: PDFLimits) {
        self.window = window
        self.limits = limits
    }

    /// The data of a stream, and where to read on; nil when the file ends before the stream does.
    mutating func find(
        _ stated: PDFObject?, dataOffset: Int
    ) throws(PDFError) -> (data: Range<Int>, resume: Int, isAsStated: Bool)? {
        if let length = try value(stated), length >= 0, length <= window.size - dataOffset {
            let end = dataOffset + length
            if let resume = try keywordEnd(at: end) { return (dataOffset..<end, resume, true) }
        }
        guard let keyword = try firstKeyword(from: dataOffset) else { return nil }
        var end = keyword.offset
        let before = try window.bytes(max(dataOffset, end - 2)..<end)
        if before.last == 0x0A {
            end -= before.count == 2 && before[0] == 0x0D ? 2 : 1
        } else if before.last == 0x0D {
            end -= 1
        }
        return (dataOffset..<end, keyword.resume, false)
    }

    private mutating func value(_ stated: PDFObject?) throws(PDFError) -> Int? {
        guard let reference = stated?.referenceValue else { return stated?.integerValue }
        if numbers == nil { numbers = try NumberScan.run(window, limits: limits) }
        return numbers?[reference.number]
    }

    /// Behind the keyword that ends a stream, when nothing but a line end stands before it.
    private func keywordEnd(at offset: Int) throws(PDFError) -> Int? {
        let bytes = try window.bytes(offset..<(offset + 16))
        var index = 0
        while index < min(4, bytes.count), PDFCharacter.isWhitespace(bytes[index]) { index += 1 }
        if bytes[index...].starts(with: "endstream".utf8) { return offset + index + 9 }
        return bytes[index...].starts(with: "endobj".utf8) ? offset + index : nil
    }

    /// The first `endstream`, or `endobj` where that is missing.
    private func firstKeyword(from start: Int) throws(PDFError) -> (offset: Int, resume: Int)? {
        let stream = Array("endstream".utf8)
        let object = Array("endobj".utf8)
        var offset = start
        while offset < window.size {
            let bytes = try window.bytes(offset..<(offset + Self.searchBytes))
            try window.account.spend(bytes.count)
            var index = 0
            while index < bytes.count {
                if bytes[index] == UInt8(ascii: "e") {
                    let rest = bytes[index...]
                    if rest.starts(with: stream) { return (offset + index, offset + index + stream.count) }
                    if rest.starts(with: object) { return (offset + index, offset + index) }
                }
                index += 1
            }
            guard offset + bytes.count < window.size else { return nil }
            // The last bytes again, where a keyword may have begun.
            offset += bytes.count - stream.count
        }
        return nil
    }
}
