// SPDX-License-Identifier: Apache-2.0
import ByteCoding
package import FoundationEssentials

/// Follows an envelope through every service; safe to log because its alphabet is checked.
package struct CorrelationID: Sendable, Hashable, CustomStringConvertible {
    package let text: String

    /// Nil unless the text has 1 to 64 characters of `A-Z a-z 0-9 . _ -`.
    package init?(_ text: String) {
        guard TraceText.isAllowed(text) else { return nil }
        self.text = text
    }

    /// Takes an id's lower-case text.
    package init(_ id: UUID) { text = id.text }

    package var description: String { text }
}

/// Names the message that caused this one: its `ce_id`, or a correlation id at the edge.
package struct CausationID: Sendable, Hashable, CustomStringConvertible {
    package let text: String

    /// Nil unless the text has 1 to 255 characters of `A-Z a-z 0-9 . _ - / :`.
    package init?(_ text: String) {
        guard TraceText.isAllowed(text, maximumLength: 255, alsoSlash: true) else { return nil }
        self.text = text
    }

    package var description: String { text }
}

enum TraceText {
    static func isAllowed(_ text: String, maximumLength: Int = 64, alsoSlash: Bool = false) -> Bool {
        guard (1...maximumLength).contains(text.utf8.count) else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case 0x41...0x5A, 0x61...0x7A, 0x30...0x39, 0x2D, 0x2E, 0x5F: true
            case 0x2F, 0x3A: alsoSlash
            default: false
            }
        }
    }
}
