// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import ServiceAPI

/// Reads members out of JSON and notes every fault with its pointer, so that a client sees all of them at once.
struct RequestChecker {
    private static let maximumFaults = 50

    private(set) var faults: [ProblemDetails.Item] = []

    /// - Throws: `ProblemDetails` when there was any fault: under the fault's own code where something is not supported
    ///   yet, else `validation_failed`.
    func finish() throws(ProblemDetails) {
        guard let first = faults.first else { return }
        let own = [ProblemCode.tooManyDocuments, .notSupported].first { code in
            faults.allSatisfy { $0.code == code.code }
        }
        throw ProblemDetails(
            own ?? .validationFailed,
            own == nil ? "Each entry of errors points at a fault; nothing was done." : first.detail,
            errors: Array(faults.prefix(Self.maximumFaults)))
    }

    mutating func note(_ code: String, _ pointer: String, _ detail: String) {
        faults.append(ProblemDetails.Item(pointer: pointer, code: code, detail: detail))
    }

    /// An object without members that nobody knows.
    ///
    /// - Parameter reserved: Members of the API's shape that have no implementation yet; null counts as absent.
    mutating func object(
        _ value: JSONValue?, _ pointer: String, allowed: Set<String>, reserved: Set<String> = []
    ) -> [String: JSONValue]? {
        guard let members = value?.objectValue else {
            note("type_mismatch", pointer, "Expected an object.")
            return nil
        }
        for name in members.keys.sorted() where !allowed.contains(name) {
            let place = Self.pointer(pointer, name)
            if reserved.contains(name) {
                if members[name] != .null { note("not_supported", place, "This is not supported yet; leave it out.") }
            } else {
                note("unknown_property", place, "This property is not known.")
            }
        }
        return members.filter { $0.value != .null }
    }

    mutating func string(
        _ members: [String: JSONValue], _ name: String, _ pointer: String, maximum: Int, required: Bool = false
    ) -> String? {
        let place = Self.pointer(pointer, name)
        guard let value = members[name] else {
            if required { note("required", place, "This property is required.") }
            return nil
        }
        guard let text = value.stringValue else {
            note("type_mismatch", place, "Expected a string.")
            return nil
        }
        let count = text.unicodeScalars.count
        guard (required ? 1 : 0)...maximum ~= count else {
            note(count == 0 ? "too_short" : "too_long", place, "Expected \(required ? 1 : 0) to \(maximum) characters.")
            return nil
        }
        // PostgreSQL stores no NUL, and other controls have no place in names, titles and mails.
        guard
            text.unicodeScalars.allSatisfy({
                $0.value >= 0x20 && $0.value != 0x7F || $0 == "\n" || $0 == "\t" || $0 == "\r"
            })
        else {
            note("invalid_characters", place, "Control characters are not allowed.")
            return nil
        }
        if required, text.allSatisfy(\.isWhitespace) {
            note("too_short", place, "Expected more than blanks.")
            return nil
        }
        return text
    }

    /// A string on one line, as it stands in mail headers.
    mutating func line(
        _ members: [String: JSONValue], _ name: String, _ pointer: String, maximum: Int, required: Bool = false
    ) -> String? {
        guard let text = string(members, name, pointer, maximum: maximum, required: required) else { return nil }
        guard !text.unicodeScalars.contains(where: { $0.value < 0x20 }) else {
            note("invalid_characters", Self.pointer(pointer, name), "Line breaks are not allowed here.")
            return nil
        }
        return text
    }

    /// A string of a form that the rule knows.
    mutating func word(
        _ members: [String: JSONValue], _ name: String, _ pointer: String, maximum: Int, required: Bool = false,
        expected: String, _ rule: (String) -> Bool
    ) -> String? {
        guard let text = line(members, name, pointer, maximum: maximum, required: required) else { return nil }
        guard rule(text) else {
            note("invalid_format", Self.pointer(pointer, name), expected)
            return nil
        }
        return text
    }

    mutating func bool(_ members: [String: JSONValue], _ name: String, _ pointer: String, default value: Bool) -> Bool {
        guard let given = members[name] else { return value }
        guard let flag = given.boolValue else {
            note("type_mismatch", Self.pointer(pointer, name), "Expected true or false.")
            return value
        }
        return flag
    }

    mutating func integer(
        _ members: [String: JSONValue], _ name: String, _ pointer: String, in range: ClosedRange<Int>,
        default value: Int?
    ) -> Int? {
        let place = Self.pointer(pointer, name)
        guard let given = members[name] else {
            if value == nil { note("required", place, "This property is required.") }
            return value
        }
        guard let number = given.intValue else {
            note("type_mismatch", place, "Expected an integer.")
            return nil
        }
        guard range.contains(number) else {
            note("out_of_range", place, "Expected \(range.lowerBound) to \(range.upperBound).")
            return nil
        }
        return number
    }

    mutating func number(_ members: [String: JSONValue], _ name: String, _ pointer: String) -> Double? {
        let place = Self.pointer(pointer, name)
        guard let given = members[name] else {
            note("required", place, "This property is required.")
            return nil
        }
        guard let number = given.doubleValue else {
            note("type_mismatch", place, "Expected a number.")
            return nil
        }
        return number
    }

    mutating func instant(
        _ members: [String: JSONValue], _ name: String, _ pointer: String, after now: Instant, within seconds: Double
    ) -> Instant? {
        let place = Self.pointer(pointer, name)
        guard let given = members[name] else { return nil }
        guard let text = given.stringValue, let instant = Instant(rfc3339: text) else {
            note("invalid_format", place, "Expected an RFC 3339 date-time, as in 2026-11-20T12:00:00Z.")
            return nil
        }
        guard instant > now, instant.seconds(since: now) <= seconds else {
            note("out_of_range", place, "Expected a time in the future, at most five years from now.")
            return nil
        }
        return instant
    }

    /// The entries of a list with their pointers; nil when there are too few or too many.
    mutating func list(
        _ members: [String: JSONValue], _ name: String, _ pointer: String, count: ClosedRange<Int>
    ) -> [(JSONValue, String)]? {
        let place = Self.pointer(pointer, name)
        guard let given = members[name] else {
            if count.lowerBound == 0 { return [] }
            note("required", place, "This property is required.")
            return nil
        }
        guard let entries = given.arrayValue else {
            note("type_mismatch", place, "Expected a list.")
            return nil
        }
        guard count.contains(entries.count) else {
            note(
                entries.count < count.lowerBound ? "too_few" : "too_many", place,
                "Expected \(count.lowerBound) to \(count.upperBound) entries.")
            return nil
        }
        return entries.enumerated().map { ($1, "\(place)/\($0)") }
    }

    /// RFC 6901.
    static func pointer(_ parent: String, _ name: String) -> String {
        "\(parent)/\(name.replacing("~", with: "~0").replacing("/", with: "~1"))"
    }
}
