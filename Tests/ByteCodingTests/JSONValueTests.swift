// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import FoundationEssentials
import Testing

struct JSONValueTests {
    private func parse(_ text: String, maximumDepth: Int = 32) throws -> JSONValue {
        try JSONValue(parsing: Array(text.utf8), maximumDepth: maximumDepth)
    }

    @Test func `every kind of value is read`() throws {
        let value = try parse(" {\"a\":[1,-2.5,1e3,true,false,null],\"b\":{\"c\":\"x\\u00e9\\ud83d\\ude00\\n\\/\"}} ")
        #expect(value["a"]?.arrayValue == [1, -2.5, .number(1000), true, false, nil])
        #expect(value["b"]?["c"]?.stringValue == "xé😀\n/")
        #expect(value["a"]?.arrayValue?[2].intValue == 1000)
        #expect(try parse("9223372036854775807") == .integer(.max))
        #expect(try parse("9223372036854775808") == .number(9_223_372_036_854_775_808))
    }

    @Test(
        arguments: [
            ("", .unexpectedEnd, 0), ("{", .unexpectedEnd, 1), ("[1,]", .unexpectedByte, 3),
            ("{\"a\":1,}", .unexpectedByte, 7),
            ("01", .trailingBytes, 1), ("1.", .unexpectedEnd, 2), ("-", .unexpectedEnd, 1), ("+1", .unexpectedByte, 0),
            (".5", .unexpectedByte, 0), ("1e400", .numberOutOfRange, 0), ("\"\t\"", .controlCharacter, 1),
            ("\"\\x\"", .invalidEscape, 2), ("\"\\ud800\"", .invalidEscape, 1), ("\"\\udc00x\"", .invalidEscape, 1),
            ("\"a", .unexpectedEnd, 2), ("{\"a\":1,\"a\":2}", .duplicateKey, 7),
            ("{\"a\":1,\"\\u0061\":2}", .duplicateKey, 7),
            ("1 2", .trailingBytes, 2), ("tru", .unexpectedEnd, 3), ("nul1", .unexpectedByte, 3),
            ("'a'", .unexpectedByte, 0),
            ("NaN", .unexpectedByte, 0), ("1-", .trailingBytes, 1), ("-a", .invalidNumber, 1),
            ("{1:2}", .unexpectedByte, 1),
        ] as [(String, JSONValueError.Reason, Int)])
    func `a fault is reported with its offset`(text: String, reason: JSONValueError.Reason, offset: Int) throws {
        let error = #expect(throws: JSONValueError.self) { try parse(text) }
        #expect(error?.reason == reason)
        #expect(error?.offset == offset)
    }

    @Test func `bytes that are not UTF-8 are refused`() {
        for bad in [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xE2, 0x82], [0xF4, 0x90, 0x80, 0x80]] as [[UInt8]] {
            let error = #expect(throws: JSONValueError.self) { try JSONValue(parsing: [0x22] + bad + [0x22]) }
            #expect(error?.reason == .invalidUTF8)
        }
    }

    @Test func `nesting stops at the given depth`() throws {
        _ = try parse(String(repeating: "[", count: 32) + String(repeating: "]", count: 32))
        let error = #expect(throws: JSONValueError.self) { try parse(String(repeating: "[", count: 100_000)) }
        #expect(error?.reason == .tooDeep)
        #expect(error?.offset == 32)
    }

    @Test func `truncated and random input never traps`() {
        let text = Array(#"{"a":[1,-2.5e-3,"é\ud83d\ude00",true,null],"b":{}}"#.utf8)
        for count in 0..<text.count {
            #expect(throws: JSONValueError.self) { try JSONValue(parsing: Array(text[..<count])) }
        }
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<5000 {
            var bytes = text
            for _ in 0..<3 { bytes[Int.random(in: 0..<bytes.count, using: &generator)] = .random(in: .min ... .max) }
            _ = try? JSONValue(parsing: bytes)
        }
    }

    @Test func `a value goes through Codable unchanged`() throws {
        let value = try parse("{\"a\":[1,2.5,\"x\",null,true,{}],\"b\":9007199254740993}")
        #expect(try JSONDecoder().decode(JSONValue.self, from: JSONEncoder().encode(value)) == value)
    }
}
