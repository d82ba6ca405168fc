// SPDX-License-Identifier: Apache-2.0
import Foundation

/// A name and an address.
struct Mailbox: Equatable {
    let name: String?
    let address: String

    /// Nil for an address that is no dot-atom at a host name (RFC 5322, 3.4.1) or has beyond 254 bytes: anything else
    /// could be read as two addresses, or needs a relay that takes UTF-8.
    init?(name: String?, address: String) {
        let parts = address.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, address.utf8.count <= 254, Self.isDotAtom(parts[0], Self.isAtomText),
            Self.isDotAtom(parts[1], { Self.isAlphanumeric($0) || $0 == UInt8(ascii: "-") })
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

    /// As it stands behind `From:` and `To:`; an encoded name has the address on a line of its own.
    var header: String {
        guard let name = name.map(SingleLine.of), !name.isEmpty else { return address }
        let phrase = EncodedWord.phrase(name)
        return "\(phrase)\(phrase.hasPrefix("=?") ? "\r\n" : "") <\(address)>"
    }

    private static func isDotAtom(_ text: Substring, _ isAllowed: (UInt8) -> Bool) -> Bool {
        text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy {
            !$0.isEmpty && $0.utf8.allSatisfy(isAllowed)
        }
    }

    private static func isAtomText(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || Array("!#$%&'*+-/=?^_`{|}~".utf8).contains(byte)
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...90, 97...122: true
        default: false
        }
    }
}

/// Text that people typed, for places that hold one line.
enum SingleLine {
    /// Every run of line ends and other control characters becomes one space.
    static func of(_ text: String) -> String {
        text.unicodeScalars.split { scalar in
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: true
            default: false
            }
        }.map { String(String.UnicodeScalarView($0)) }.joined(separator: " ")
    }
}
