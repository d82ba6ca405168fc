// SPDX-License-Identifier: Apache-2.0

/// Writes `Encodable` values as JSON straight into bytes, members in the order in which they are encoded.
///
/// Foundation's encoder builds a tree of objects and dictionaries first and then writes its members in any order: several
/// times the work, and texts that have no beginning in common with the text before. `Data` and `Date` have no coding of
/// their own here; nothing of ours has them.
package enum JSONTextEncoder {
    /// The text without whitespace; what is nil is left out.
    ///
    /// - Throws: `EncodingError` for a number that JSON cannot say, and what the value itself throws.
    package static func encode(_ value: some Encodable) throws -> [UInt8] {
        let output = JSONOutput()
        try output.write(value)
        return output.bytes
    }
}

/// Where all containers of one text write.
///
/// The text is a struct inside, so that each step is one checked access to the object and not several.
private final class JSONOutput {
    private var text = JSONTextBuilder()

    var bytes: [UInt8] { text.bytes }

    /// Writes a whole value; one that writes nothing itself is an empty object.
    func write<T: Encodable>(_ value: T) throws {
        let (depth, start) = (text.depth, text.bytes.count)
        try value.encode(to: JSONValueEncoder(output: self, depth: depth))
        text.end(depth: depth, from: start)
    }

    func write(_ value: String) { text.write(value) }
    func write(_ value: Bool) { text.append(value ? "true" : "false") }
    func writeInteger(_ value: some FixedWidthInteger) { text.append(String(value)) }
    func writeNull() { text.append("null") }

    func write(_ value: Double) throws {
        guard value.isFinite else {
            throw EncodingError.invalidValue(
                value, EncodingError.Context(codingPath: [], debugDescription: "JSON has no infinity and no NaN"))
        }
        text.append(ECMAScriptNumber.text(of: value))
    }

    func enter(_ bracket: JSONTextBuilder.Bracket, at depth: Int) { text.enter(bracket, at: depth) }
    func beginMember(_ key: some CodingKey, at depth: Int) { text.beginMember(key.stringValue, at: depth) }
    func beginElement(at depth: Int) { text.beginElement(at: depth) }
}

/// The text so far and its open brackets, outermost first.
private struct JSONTextBuilder {
    enum Bracket {
        case object, array
    }

    private(set) var bytes: [UInt8] = []
    private var open: [(bracket: Bracket, isEmpty: Bool)] = []

    init() { bytes.reserveCapacity(1024) }

    var depth: Int { open.count }

    mutating func append(_ word: String) { bytes.append(contentsOf: word.utf8) }

    mutating func write(_ text: String) { JSONText.writeString(text, into: &bytes) }

    /// Opens a bracket at the depth, or goes on in the one that is open there.
    mutating func enter(_ bracket: Bracket, at depth: Int) {
        if open.count > depth {
            close(to: depth + 1)
        } else {
            bytes.append(bracket == .object ? UInt8(ascii: "{") : UInt8(ascii: "["))
            open.append((bracket, true))
        }
    }

    mutating func beginMember(_ name: String, at depth: Int) {
        beginElement(at: depth)
        write(name)
        bytes.append(UInt8(ascii: ":"))
    }

    mutating func beginElement(at depth: Int) {
        close(to: depth)
        if !open[depth - 1].isEmpty { bytes.append(UInt8(ascii: ",")) }
        open[depth - 1].isEmpty = false
    }

    /// Closes what a value opened; one that wrote nothing is an empty object.
    mutating func end(depth: Int, from start: Int) {
        close(to: depth)
        if bytes.count == start { append("{}") }
    }

    private mutating func close(to depth: Int) {
        while let last = open.last, open.count > depth {
            bytes.append(last.bracket == .object ? UInt8(ascii: "}") : UInt8(ascii: "]"))
            open.removeLast()
        }
    }
}

/// One value: a container that it opens begins at `depth`.
private struct JSONValueEncoder: Encoder {
    let output: JSONOutput
    let depth: Int
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        output.enter(.object, at: depth)
        return KeyedEncodingContainer(JSONMembers<Key>(output: output, depth: depth + 1))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        output.enter(.array, at: depth)
        return JSONElements(output: output, depth: depth + 1)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { JSONSingleValue(output: output) }
}

private struct JSONMembers<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let output: JSONOutput
    let depth: Int
    var codingPath: [any CodingKey] { [] }

    func encodeNil(forKey key: Key) {
        output.beginMember(key, at: depth)
        output.writeNull()
    }

    func encode(_ value: String, forKey key: Key) {
        output.beginMember(key, at: depth)
        output.write(value)
    }

    func encode(_ value: Bool, forKey key: Key) {
        output.beginMember(key, at: depth)
        output.write(value)
    }

    func encode(_ value: Double, forKey key: Key) throws {
        output.beginMember(key, at: depth)
        try output.write(value)
    }

    func encode(_ value: Float, forKey key: Key) throws { try encode(Double(value), forKey: key) }

    func encode<T: FixedWidthInteger & Encodable>(_ value: T, forKey key: Key) {
        output.beginMember(key, at: depth)
        output.writeInteger(value)
    }

    func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
        output.beginMember(key, at: depth)
        try output.write(value)
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy keyType: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        nested(key).container(keyedBy: keyType)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { nested(key).unkeyedContainer() }

    func superEncoder(forKey key: Key) -> any Encoder { nested(key) }

    func superEncoder() -> any Encoder { nested(JSONSuperKey()) }

    private func nested(_ key: some CodingKey) -> JSONValueEncoder {
        output.beginMember(key, at: depth)
        return JSONValueEncoder(output: output, depth: depth)
    }
}

private struct JSONElements: UnkeyedEncodingContainer {
    let output: JSONOutput
    let depth: Int
    var codingPath: [any CodingKey] { [] }
    private(set) var count = 0

    mutating func encodeNil() {
        begin()
        output.writeNull()
    }

    mutating func encode(_ value: String) {
        begin()
        output.write(value)
    }

    mutating func encode(_ value: Bool) {
        begin()
        output.write(value)
    }

    mutating func encode(_ value: Double) throws {
        begin()
        try output.write(value)
    }

    mutating func encode(_ value: Float) throws { try encode(Double(value)) }

    mutating func encode<T: FixedWidthInteger & Encodable>(_ value: T) {
        begin()
        output.writeInteger(value)
    }

    mutating func encode<T: Encodable>(_ value: T) throws {
        begin()
        try output.write(value)
    }

    mutating func nestedContainer<Nested: CodingKey>(keyedBy keyType: Nested.Type) -> KeyedEncodingContainer<Nested> {
        nested().container(keyedBy: keyType)
    }

    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { nested().unkeyedContainer() }

    mutating func superEncoder() -> any Encoder { nested() }

    private mutating func nested() -> JSONValueEncoder {
        begin()
        return JSONValueEncoder(output: output, depth: depth)
    }

    private mutating func begin() {
        output.beginElement(at: depth)
        count += 1
    }
}

private struct JSONSingleValue: SingleValueEncodingContainer {
    let output: JSONOutput
    var codingPath: [any CodingKey] { [] }

    func encodeNil() { output.writeNull() }
    func encode(_ value: String) { output.write(value) }
    func encode(_ value: Bool) { output.write(value) }
    func encode(_ value: Double) throws { try output.write(value) }
    func encode(_ value: Float) throws { try output.write(Double(value)) }
    func encode<T: FixedWidthInteger & Encodable>(_ value: T) { output.writeInteger(value) }
    func encode<T: Encodable>(_ value: T) throws { try output.write(value) }
}

/// The key that `superEncoder()` stands for.
private struct JSONSuperKey: CodingKey {
    var stringValue: String { "super" }
    var intValue: Int? { nil }

    init() {}
    init?(stringValue: String) { nil }
    init?(intValue: Int) { nil }
}
