// SPDX-License-Identifier: Apache-2.0

/// The header fields of one part (RFC 7578, 4.2 to 4.8).
package struct MultipartHeaders: Sendable, Equatable {
    /// The form field's name.
    package let name: String
    /// As the client gave it, so it may hold a path or any text; nil for a plain field.
    package let filename: String?
    /// With its parameters; nil means text/plain (RFC 7578, 4.4).
    package let contentType: String?

    /// Parses the lines after the delimiter; nil when one is not a field or the name is absent.
    init?(parsing block: ArraySlice<UInt8>) {
        guard let text = String(validating: block, as: UTF8.self) else { return nil }
        var disposition: String?
        var contentType: String?
        for line in text.split(separator: "\r\n") {
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let field = line[..<colon]
            guard !field.isEmpty, field.utf8.allSatisfy(FieldText.isToken) else { return nil }
            let value = FieldText.trimmed(line[line.index(after: colon)...])
            switch field.lowercased() {
            case "content-disposition":
                guard disposition == nil else { return nil }
                disposition = value
            case "content-type": contentType = value
            default: break
            }
        }
        guard let disposition, let (kind, parameters) = FieldText.parameters(of: disposition),
            kind == "form-data", let name = parameters["name"]
        else { return nil }
        self.name = name
        self.filename = parameters["filename"]
        self.contentType = contentType
    }
}

/// Values with parameters, as in Content-Type and Content-Disposition (RFC 9110, 5.6).
enum FieldText {
    /// The lower-case value before the parameters, and the parameters by lower-case name; nil for anything malformed or
    /// a repeated parameter.
    static func parameters(of text: String) -> (String, [String: String])? {
        var rest = Substring(text)
        let kind = trimmed(rest.prefix { $0 != ";" }).lowercased()
        rest = rest.dropFirst(rest.prefix { $0 != ";" }.count)
        var parameters: [String: String] = [:]
        while true {
            rest = rest.drop { $0 == " " || $0 == "\t" }
            guard let first = rest.first else { break }
            guard first == ";" else { return nil }
            rest = rest.dropFirst().drop { $0 == " " || $0 == "\t" }
            if rest.isEmpty || rest.first == ";" { continue }
            let name = rest.prefix { $0 != "=" && $0 != ";" }
            rest = rest.dropFirst(name.count)
            guard rest.first == "=", !name.isEmpty, name.utf8.allSatisfy(isToken) else { return nil }
            rest = rest.dropFirst()
            guard let value = takeValue(&rest), parameters.updateValue(value, forKey: name.lowercased()) == nil else {
                return nil
            }
        }
        return (kind, parameters)
    }

    static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }

    static func trimmed(_ text: Substring) -> String {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        var text = text.drop(while: isSpace)
        while let last = text.last, isSpace(last) { text.removeLast() }
        return String(text)
    }

    /// A token or a quoted string.
    ///
    /// Only `\"` and `\\` are escapes, because clients send Windows paths unescaped.
    private static func takeValue(_ rest: inout Substring) -> String? {
        guard rest.first == "\"" else {
            let token = rest.prefix { $0 != ";" && $0 != " " && $0 != "\t" }
            rest = rest.dropFirst(token.count)
            return !token.isEmpty && token.utf8.allSatisfy(isToken) ? String(token) : nil
        }
        var scalars = rest.dropFirst().unicodeScalars
        var value = String.UnicodeScalarView()
        while let scalar = scalars.popFirst() {
            switch scalar {
            case "\"":
                rest = Substring(scalars)
                return String(value)
            case "\\" where scalars.first == "\"" || scalars.first == "\\":
                if let escaped = scalars.popFirst() { value.append(escaped) }
            default:
                guard scalar.value >= 0x20, scalar.value != 0x7F else { return nil }
                value.append(scalar)
            }
        }
        return nil
    }
}
