// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Foundation

/// RFC 2047: text outside ASCII in a header.
enum EncodedWord {
    /// So many bytes of UTF-8 make a word that still fits a line of 76 behind the longest name of a header used here.
    private static let wordBytes = 36
    private static let plainBytes = 200

    static func text(_ text: String) -> String { isPlain(text) ? text : encoded(text) }

    /// A display name: a quoted string where it is ASCII, encoded words otherwise.
    static func phrase(_ text: String) -> String {
        guard isPlain(text) else { return encoded(text) }
        let escaped = text.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(of: "\"", with: "\\\"")
        return "\"\(escaped)\""
    }

    private static func isPlain(_ text: String) -> Bool {
        text.utf8.count <= plainBytes && text.utf8.allSatisfy { (32...126).contains($0) } && !text.contains("=?")
    }

    /// Words cut between scalars, which RFC 2047 demands, folded with a space.
    private static func encoded(_ text: String) -> String {
        var words: [String] = []
        var current: [UInt8] = []
        for scalar in text.unicodeScalars {
            let bytes = Array(String(scalar).utf8)
            if current.count + bytes.count > wordBytes {
                words.append(word(current))
                current = []
            }
            current += bytes
        }
        if !current.isEmpty { words.append(word(current)) }
        return words.joined(separator: "\r\n ")
    }

    private static func word(_ bytes: [UInt8]) -> String { "=?utf-8?B?\(Data(bytes).base64EncodedString())?=" }
}

/// RFC 2045, 6.7.
enum QuotedPrintable {
    /// Any of the three line ends becomes a hard one; the last line gets one too.
    static func encode(_ text: String) -> [UInt8] {
        var result: [UInt8] = []
        for line in lines(of: Array(text.utf8)) {
            var width = 0
            for (index, byte) in line.enumerated() {
                let isBlankAtEnd = (byte == 32 || byte == 9) && index == line.count - 1
                let isDotAtStart = byte == UInt8(ascii: ".") && index == 0
                let isPlain = (byte == 9 || (32...126).contains(byte)) && byte != UInt8(ascii: "=")
                let piece = isPlain && !isBlankAtEnd && !isDotAtStart ? [byte] : escaped(byte)
                if width + piece.count > 75 {
                    result += [UInt8(ascii: "="), 13, 10]
                    width = 0
                }
                result += piece
                width += piece.count
            }
            result += [13, 10]
        }
        return result
    }

    private static func lines(of bytes: [UInt8]) -> [[UInt8]] {
        var lines: [[UInt8]] = [[]]
        var previous: UInt8 = 0
        for byte in bytes {
            if byte == 13 || (byte == 10 && previous != 13) {
                lines.append([])
            } else if byte != 10 {
                lines[lines.count - 1].append(byte)
            }
            previous = byte
        }
        if lines.count > 1, lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }

    private static func escaped(_ byte: UInt8) -> [UInt8] {
        [UInt8(ascii: "=")] + Array(Hex.encode([byte]).uppercased().utf8)
    }
}
