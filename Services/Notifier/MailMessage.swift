// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Foundation

/// A plain-text mail after RFC 5322, its body in quoted-printable, so that any UTF-8 survives any relay.
struct MailMessage {
    let messageID: String
    let from: Mailbox
    let to: Mailbox
    let subject: String
    let date: Instant
    /// Further headers; values must be ASCII without line ends.
    let headers: [(String, String)]
    let body: String

    /// The message with CRLF line ends, as `DATA` takes it and as an `.eml` file holds it.
    var bytes: [UInt8] {
        var lines = [
            "Date: \(Self.date(date))", "From: \(from.header)", "To: \(to.header)",
            "Subject: \(EncodedWord.text(subject))", "Message-ID: <\(messageID)>", "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: quoted-printable",
            "Auto-Submitted: auto-generated",
        ]
        lines += headers.map { "\($0): \($1)" }
        lines += ["", ""]
        return Array(lines.joined(separator: "\r\n").utf8) + QuotedPrintable.encode(body)
    }

    /// RFC 5322, 3.3, always in UTC.
    private static func date(_ instant: Instant) -> String {
        let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let text = instant.rfc3339(fractionDigits: 3)
        let parts = text.prefix(10).split(separator: "-")
        let time = text.dropFirst(11).prefix(8)
        let dayNumber = Int(instant.startOfDay.microseconds / 86_400_000_000)
        let day = days[((dayNumber % 7) + 7) % 7]
        let month = Int(parts[1]).map { months[$0 - 1] } ?? ""
        return "\(day), \(parts[2]) \(month) \(parts[0]) \(time) +0000"
    }
}

/// A name and an address.
struct Mailbox: Equatable {
    let name: String?
    let address: String

    /// Nil for what cannot stand in an SMTP envelope: no `@`, a line end, a space, or beyond 254 bytes.
    init?(name: String?, address: String) {
        let bytes = address.utf8
        let allowed = bytes.allSatisfy { $0 > 32 && $0 != 127 && $0 != UInt8(ascii: "<") && $0 != UInt8(ascii: ">") }
        guard allowed, bytes.count <= 254, let at = address.lastIndex(of: "@"), at != address.startIndex,
            address.index(after: at) != address.endIndex
        else { return nil }
        self.name = name
        self.address = address
    }

    /// `Name <address>` or the bare address.
    init?(_ text: String) {
        guard let open = text.lastIndex(of: "<"), text.hasSuffix(">") else {
            self.init(name: nil, address: text)
            return
        }
        let name = text[..<open].trimmingCharacters(in: .whitespaces)
        self.init(name: name.isEmpty ? nil : name, address: String(text[text.index(after: open)...].dropLast()))
    }

    var header: String {
        guard let name else { return address }
        return "\(EncodedWord.phrase(name)) <\(address)>"
    }
}

/// RFC 2047: text outside ASCII in a header.
enum EncodedWord {
    static func text(_ text: String) -> String {
        isPlain(text) && text.utf8.count <= 200 ? text : encoded(text)
    }

    /// A display name: a quoted string where it is ASCII, encoded words otherwise.
    static func phrase(_ text: String) -> String {
        guard isPlain(text) else { return encoded(text) }
        let escaped = text.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(of: "\"", with: "\\\"")
        return "\"\(escaped)\""
    }

    private static func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy { (32...126).contains($0) } && !text.contains("=?")
    }

    /// Words of at most 45 bytes of UTF-8, cut between characters, folded with a space.
    private static func encoded(_ text: String) -> String {
        var words: [String] = []
        var current: [UInt8] = []
        for character in text {
            let bytes = Array(String(character).utf8)
            if !current.isEmpty, current.count + bytes.count > 45 {
                words.append("=?utf-8?B?\(Data(current).base64EncodedString())?=")
                current = []
            }
            current += bytes
        }
        if !current.isEmpty { words.append("=?utf-8?B?\(Data(current).base64EncodedString())?=") }
        return words.joined(separator: "\r\n ")
    }
}

/// RFC 2045, 6.7.
enum QuotedPrintable {
    static func encode(_ text: String) -> [UInt8] {
        var result: [UInt8] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            var width = 0
            let bytes = Array(line.utf8)
            for (index, byte) in bytes.enumerated() {
                let isBlankAtEnd = (byte == 32 || byte == 9) && index == bytes.count - 1
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

    private static func escaped(_ byte: UInt8) -> [UInt8] {
        [UInt8(ascii: "=")] + Array(Hex.encode([byte]).uppercased().utf8)
    }
}
