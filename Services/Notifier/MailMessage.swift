// SPDX-License-Identifier: Apache-2.0
import Clocks

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
            "Subject: \(EncodedWord.text(SingleLine.of(subject)))", "Message-ID: <\(messageID)>", "MIME-Version: 1.0",
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
