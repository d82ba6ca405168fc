// SPDX-License-Identifier: Apache-2.0

/// Which key on which token, by which module (RFC 7512).
package struct PKCS11URI: Sendable, Equatable {
    /// p11-kit's own module, which stands for all that are set up on the machine.
    package static let systemModule = "p11-kit-proxy.so"

    /// What the token's CK_TOKEN_INFO has to say; nil asks for nothing.
    struct TokenAttributes: Sendable, Hashable {
        var label: String?
        var manufacturer: String?
        var model: String?
        var serial: String?
        var slot: UInt?
    }

    var token = TokenAttributes()
    /// CKA_LABEL of the private key.
    var label: [UInt8]?
    /// CKA_ID of the private key.
    var id: [UInt8]?
    /// The shared library; a bare name is looked for where libraries are.
    package private(set) var modulePath = PKCS11URI.systemModule
    /// The file that holds the PIN; the URI itself must not.
    package private(set) var pinFile: String?

    /// Reads the text after its `pkcs11:`.
    /// - Throws: `PKCS11Error.unusableURI` for another scheme, an unknown or repeated attribute, a key type other than
    ///   private, or a PIN in the URI itself, where every process of the machine could read it.
    package init(_ text: String) throws(PKCS11Error) {
        guard text.hasPrefix("pkcs11:") else { throw .unusableURI("a key URI begins with pkcs11:") }
        let parts = text.dropFirst(7).split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var seen: Set<Substring> = []
        for attribute in parts[0].split(separator: ";") {
            let (name, value) = try Self.pair(attribute, &seen)
            try set(name, value)
        }
        for attribute in parts.count > 1 ? parts[1].split(separator: "&") : [] {
            let (name, value) = try Self.pair(attribute, &seen)
            try setQuery(name, value)
        }
    }

    private mutating func set(_ name: Substring, _ value: [UInt8]) throws(PKCS11Error) {
        let text = String(decoding: value, as: UTF8.self)
        switch name {
        case "token": token.label = text
        case "manufacturer": token.manufacturer = text
        case "model": token.model = text
        case "serial": token.serial = text
        case "slot-id":
            guard let slot = UInt(text) else { throw .unusableURI("slot-id= takes a number") }
            token.slot = slot
        case "object": label = value
        case "id": id = value
        case "type":
            guard text == "private" else { throw .unusableURI("type= has to be private: a private key signs") }
        default: throw .unusableURI("the attribute \(name)= is not known")
        }
    }

    private mutating func setQuery(_ name: Substring, _ value: [UInt8]) throws(PKCS11Error) {
        let text = String(decoding: value, as: UTF8.self)
        switch name {
        case "module-path": modulePath = text
        case "pin-source":
            let path = text.hasPrefix("file:") ? String(text.dropFirst(5)) : text
            guard path.hasPrefix("/") || !path.contains("|") else {
                throw .unusableURI("pin-source= names a file; commands are not run")
            }
            // file:///path has an empty authority (RFC 8089, 2).
            pinFile = path.hasPrefix("///") ? String(path.dropFirst(2)) : path
        case "pin-value":
            throw .unusableURI("pin-value= would show the PIN to every process: put it in a file, with pin-source=")
        default: throw .unusableURI("the attribute \(name)= is not known")
        }
    }

    private static func pair(
        _ attribute: Substring, _ seen: inout Set<Substring>
    ) throws(PKCS11Error) -> (Substring, [UInt8]) {
        let parts = attribute.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { throw .unusableURI("'\(attribute)' is no attribute: write name=value") }
        guard seen.insert(parts[0]).inserted else { throw .unusableURI("\(parts[0])= is given twice") }
        guard let value = decoded(parts[1]), !value.isEmpty else {
            throw .unusableURI("the value of \(parts[0])= is empty or not percent-encoded")
        }
        return (parts[0], value)
    }

    private static func decoded(_ text: Substring) -> [UInt8]? {
        var result: [UInt8] = []
        var bytes = text.utf8.makeIterator()
        while let byte = bytes.next() {
            guard byte == UInt8(ascii: "%") else {
                result.append(byte)
                continue
            }
            guard let high = bytes.next().flatMap(digit), let low = bytes.next().flatMap(digit) else { return nil }
            result.append(high << 4 | low)
        }
        return result
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        Character(UnicodeScalar(byte)).hexDigitValue.map(UInt8.init)
    }
}
