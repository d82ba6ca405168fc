// SPDX-License-Identifier: Apache-2.0

/// Reads keys from the environment and collects every mistake, so that an operator sees them all at once.
///
/// A key that is missing or wrong yields its default or a placeholder meanwhile; `finish` has to be called before any
/// value is used. A variable that is set to the empty text counts as not set.
package struct ConfigurationReader {
    private let environment: [String: String]
    private var mistakes: [ConfigurationMistake] = []
    private var namesRead: Set<String> = []

    /// Takes the variables of the process, or a test's own.
    package init(environment: [String: String]) { self.environment = environment }

    /// The value of the key, its default, or a placeholder with a mistake noted.
    package mutating func value<Value>(_ key: ConfigurationKey<Value>) -> Value {
        if let value = given(key) { return value }
        if let value = key.defaultValue { return value }
        if environment[key.name, default: ""].isEmpty {
            note(ConfigurationMistake(key: key.name, given: nil, allowed: "is not set; it has to be \(key.allowed)"))
        }
        return key.placeholder
    }

    /// The value of the key, its default, or nil when neither is there.
    package mutating func optional<Value>(_ key: ConfigurationKey<Value>) -> Value? {
        given(key) ?? key.defaultValue
    }

    /// A text, see `value(_:)`.
    package mutating func string(_ key: ConfigurationKey<String>) -> String { value(key) }
    /// A whole number, see `value(_:)`.
    package mutating func int(_ key: ConfigurationKey<Int>) -> Int { value(key) }
    /// A boolean, see `value(_:)`.
    package mutating func bool(_ key: ConfigurationKey<Bool>) -> Bool { value(key) }
    /// A duration in seconds, see `value(_:)`.
    package mutating func duration(_ key: ConfigurationKey<Double>) -> Double { value(key) }
    /// A TCP port, see `value(_:)`.
    package mutating func port(_ key: ConfigurationKey<Int>) -> Int { value(key) }
    /// A path, see `value(_:)`.
    package mutating func path(_ key: ConfigurationKey<String>) -> String { value(key) }
    /// The content of a secret file, see `value(_:)`.
    package mutating func secretFile(_ key: ConfigurationKey<Secret>) -> Secret { value(key) }
    /// One word of an enumeration, see `value(_:)`.
    package mutating func choice<Value>(_ key: ConfigurationKey<Value>) -> Value { value(key) }

    /// Notes a mistake that only several keys together show.
    package mutating func refuse(_ key: some ConfigurationKeyDescription, allowed: String) {
        note(ConfigurationMistake(key: key.name, given: environment[key.name], allowed: allowed))
    }

    /// Reports all mistakes together; a set variable with the service's prefix that no key declares is one as well.
    /// - Throws: `ConfigurationError` when there is at least one mistake.
    package func finish(
        servicePrefix: String? = nil, declared: [any ConfigurationKeyDescription] = []
    ) throws(ConfigurationError) {
        var all = mistakes
        if let servicePrefix {
            let known = namesRead.union(declared.map(\.name))
            for name in environment.keys.sorted() where name.hasPrefix(servicePrefix) && !known.contains(name) {
                all.append(ConfigurationMistake(key: name, given: nil, allowed: "is unknown; see --help for the keys"))
            }
        }
        if !all.isEmpty { throw ConfigurationError(mistakes: all) }
    }

    private mutating func given<Value>(_ key: ConfigurationKey<Value>) -> Value? {
        namesRead.insert(key.name)
        guard let text = environment[key.name], !text.isEmpty else { return nil }
        if let value = key.parse(text) { return value }
        note(ConfigurationMistake(key: key.name, given: text, allowed: key.allowed))
        return nil
    }

    private mutating func note(_ mistake: ConfigurationMistake) {
        if !mistakes.contains(where: { $0.key == mistake.key }) { mistakes.append(mistake) }
    }
}
