// SPDX-License-Identifier: Apache-2.0
import Clocks

/// Text on its way into HTML.
enum HTML {
    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]

    /// Safe as content and between double quotes.
    static func text(_ text: String) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }

    /// Empty lines part paragraphs, single line ends stay.
    static func paragraphs(_ text: String) -> String {
        self.text(lines(text)).split(separator: "\n\n")
            .map { "<p>\($0.replacing("\n", with: "<br>"))</p>" }.joined()
    }

    /// Line ends as one character; forms send two.
    static func lines(_ text: String) -> String {
        text.replacing("\r\n", with: "\n").replacing("\r", with: "\n")
    }

    /// As in “20 November 2026, 14:05 UTC”, with the exact time for programs.
    static func time(_ instant: Instant) -> String {
        let exact = instant.rfc3339(fractionDigits: 3)
        let parts = exact.split { "-T:".contains($0) }
        guard parts.count >= 5, let month = Int(parts[1]), months.indices.contains(month - 1), let day = Int(parts[2])
        else { return exact }
        return "<time datetime=\"\(exact)\">\(day) \(months[month - 1]) \(parts[0]), \(parts[3]):\(parts[4]) UTC</time>"
    }
}
