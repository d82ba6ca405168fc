// SPDX-License-Identifier: Apache-2.0

/// The bytes of a stream before any filter (ISO 32000-2, 7.3.8).
enum StreamData {
    private static let keyword = Array("endstream".utf8)
    /// White space that may stand between the data and the keyword.
    private static let paddingBytes = 16
    private static let searchBytes = 64 << 10

    /// As many bytes as `/Length` says where `endstream` follows them, else all up to that keyword.
    static func raw(of stream: PDFStream, length: Int?, window: FileWindow) throws(PDFError) -> ArraySlice<UInt8> {
        if let length, length >= 0, length <= window.size - stream.dataOffset {
            let end = stream.dataOffset + length
            let data = try window.slice(stream.dataOffset..<(end + keyword.count + paddingBytes))
            try window.account.spend(length)
            if ends(data[(data.startIndex + length)...]) { return data[..<(data.startIndex + length)] }
        }
        guard let end = try end(from: stream.dataOffset, window: window) else {
            throw .damaged("The stream at byte \(stream.dataOffset) of the file does not end.")
        }
        window.account.overlook(.streamLength)
        return try window.slice(stream.dataOffset..<end)
    }

    /// Whether the keyword follows, after white space at most.
    private static func ends(_ rest: ArraySlice<UInt8>) -> Bool {
        guard let start = rest.firstIndex(where: { !PDFCharacter.isWhitespace($0) }) else { return false }
        return rest[start...].starts(with: keyword)
    }

    /// Where the data ends: before the line end that stands before the next `endstream`.
    private static func end(from start: Int, window: FileWindow) throws(PDFError) -> Int? {
        var position = start
        while position < window.size {
            let part = try window.slice(position..<(position + searchBytes))
            try window.account.spend(part.count)
            if let found = index(of: keyword, in: part) {
                var end = position + found - part.startIndex
                let before = try window.bytes(max(start, end - 2)..<end)
                if before.last == 0x0A { end -= 1 }
                if before == [0x0D, 0x0A] || before.last == 0x0D { end -= 1 }
                return end
            }
            guard part.count == searchBytes else { return nil }
            position += searchBytes - keyword.count
        }
        return nil
    }

    private static func index(of pattern: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
        guard bytes.count >= pattern.count else { return nil }
        for start in bytes.startIndex...(bytes.endIndex - pattern.count)
        where bytes[start] == pattern[0] && bytes[start + 3] == pattern[3] {
            if bytes[start..<(start + pattern.count)].elementsEqual(pattern) { return start }
        }
        return nil
    }
}
