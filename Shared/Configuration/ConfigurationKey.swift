// SPDX-License-Identifier: Apache-2.0
import FileSystem

/// One row of a service's list of keys, as `--help` prints it.
package protocol ConfigurationKeyDescription: Sendable {
    /// The environment variable.
    var name: String { get }
    /// What the text has to be: `text`, `integer`, `port`, …
    var type: String { get }
    var unit: String? { get }
    /// Nil when there is none.
    var defaultText: String? { get }
    /// Whether the service refuses to start without it.
    var isRequired: Bool { get }
    var meaning: String { get }
}

/// A key with everything a person or a program needs to know about it, declared once.
package struct ConfigurationKey<Value: Sendable>: ConfigurationKeyDescription {
    package let name: String
    package let type: String
    package let unit: String?
    package let defaultText: String?
    package let isRequired: Bool
    package let meaning: String
    /// What takes the place of a value that is missing or wrong until `finish` reports it.
    let placeholder: Value
    let defaultValue: Value?
    /// The allowed values in words, for mistakes.
    let allowed: String
    let parse: @Sendable (String) -> Value?
}

extension ConfigurationKey where Value == String {
    /// Any text; without a default it has to be given unless `optional` is set.
    package static func string(
        _ name: String, default defaultValue: String? = nil, optional: Bool = false, _ meaning: String
    ) -> Self {
        Self(
            name: name, type: "text", unit: nil, defaultText: defaultValue,
            isRequired: defaultValue == nil && !optional,
            meaning: meaning, placeholder: "", defaultValue: defaultValue, allowed: "a text that is not empty",
            parse: { $0.isEmpty ? nil : $0 })
    }

    /// The path of a file or folder; a relative one counts from the working directory.
    package static func path(
        _ name: String, default defaultValue: String? = nil, optional: Bool = false, _ meaning: String
    ) -> Self {
        Self(
            name: name, type: "path", unit: nil, defaultText: defaultValue,
            isRequired: defaultValue == nil && !optional,
            meaning: meaning, placeholder: "", defaultValue: defaultValue, allowed: "a path",
            parse: { $0.isEmpty || $0.utf8.contains(0) ? nil : $0 })
    }

    /// The path of a file that can be read when the service starts; for a library that opens it by itself later.
    package static func file(_ name: String, optional: Bool = false, _ meaning: String) -> Self {
        Self(
            name: name, type: "file", unit: nil, defaultText: nil, isRequired: !optional, meaning: meaning,
            placeholder: "", defaultValue: nil, allowed: "the path of a readable file",
            parse: { (try? SmallFile.read($0)) == nil ? nil : $0 })
    }
}

extension ConfigurationKey where Value == Int {
    /// A whole number in a range, in the named unit.
    package static func int(
        _ name: String, default defaultValue: Int? = nil, optional: Bool = false, in range: ClosedRange<Int>,
        unit: String? = nil, _ meaning: String
    ) -> Self {
        Self(
            name: name, type: "integer", unit: unit, defaultText: defaultValue.map(String.init),
            isRequired: defaultValue == nil && !optional, meaning: meaning, placeholder: range.lowerBound,
            defaultValue: defaultValue, allowed: "an integer from \(range.lowerBound) to \(range.upperBound)",
            parse: { text in Int(text).flatMap { range.contains($0) ? $0 : nil } })
    }

    /// A TCP port; 0 lets the system choose a free one.
    package static func port(
        _ name: String, default defaultValue: Int? = nil, optional: Bool = false, _ meaning: String
    ) -> Self {
        Self(
            name: name, type: "port", unit: nil, defaultText: defaultValue.map(String.init),
            isRequired: defaultValue == nil && !optional, meaning: meaning, placeholder: 0, defaultValue: defaultValue,
            allowed: "an integer from 0 to 65535",
            parse: { text in Int(text).flatMap { (0...65535).contains($0) ? $0 : nil } })
    }
}

extension ConfigurationKey where Value == Bool {
    /// `true` or `false`, nothing else.
    package static func bool(_ name: String, default defaultValue: Bool, _ meaning: String) -> Self {
        Self(
            name: name, type: "boolean", unit: nil, defaultText: String(defaultValue), isRequired: false,
            meaning: meaning, placeholder: defaultValue, defaultValue: defaultValue, allowed: "true or false",
            parse: { Bool($0) })
    }
}

extension ConfigurationKey where Value == Double {
    /// Seconds as a number, or a number with one of `ms s m h d`.
    package static func duration(
        _ name: String, default defaultValue: Double? = nil, optional: Bool = false,
        in range: ClosedRange<Double> = 0...315_360_000, _ meaning: String
    ) -> Self {
        Self(
            name: name, type: "duration", unit: "seconds", defaultText: defaultValue.map(Self.text),
            isRequired: defaultValue == nil && !optional, meaning: meaning, placeholder: range.lowerBound,
            defaultValue: defaultValue,
            allowed:
                "\(Self.text(range.lowerBound)) to \(Self.text(range.upperBound)) seconds, as in 30, 500ms, 5m or 2h",
            parse: { text in Self.seconds(text).flatMap { range.contains($0) ? $0 : nil } })
    }

    private static func text(_ seconds: Double) -> String {
        Int(exactly: seconds).map(String.init) ?? seconds.description
    }

    private static func seconds(_ text: String) -> Double? {
        let number = text.prefix { $0.isNumber || $0 == "." }
        guard let value = Double(number) else { return nil }
        switch text.dropFirst(number.count) {
        case "", "s": return value
        case "ms": return value / 1000
        case "m": return value * 60
        case "h": return value * 3600
        case "d": return value * 86_400
        default: return nil
        }
    }
}

extension ConfigurationKey where Value: CaseIterable & RawRepresentable, Value.RawValue == String {
    /// One word of an enumeration.
    package static func choice(_ name: String, default defaultValue: Value, _ meaning: String) -> Self {
        let words = Value.allCases.map(\.rawValue)
        return Self(
            name: name, type: words.joined(separator: "|"), unit: nil, defaultText: defaultValue.rawValue,
            isRequired: false, meaning: meaning, placeholder: defaultValue, defaultValue: defaultValue,
            allowed: words.joined(separator: " or "), parse: { Value(rawValue: $0) })
    }
}

extension ConfigurationKey where Value == Secret {
    /// The path of a file that holds the secret; others may not open it, one trailing line break is cut off.
    package static func secretFile(_ name: String, optional: Bool = false, _ meaning: String) -> Self {
        Self(
            name: name, type: "secret file", unit: nil, defaultText: nil, isRequired: !optional, meaning: meaning,
            placeholder: Secret([]), defaultValue: nil,
            allowed: "the path of a readable file with content that others may not open (chmod 600)",
            parse: { SecretFileContent.secret(at: $0) })
    }
}
