// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Foundation
import Testing

struct JSONTextEncoderTests {
    private enum Colour: String, Codable { case red, green }

    private enum Shape: Hashable, Codable {
        case circle(radius: Double)
        case label(String, Int)
    }

    private struct Sample: Hashable, Codable {
        var zulu = "first"
        var text = "quote \" backslash \\ newline \n nul \u{0} Ω 👩‍💼 \u{2028}"
        var missing: String?
        var yes = true
        var small: Int8 = -128
        var large = UInt64.max
        var numbers = [0, 1, -1.5, 1e21, 5e-7, 9_007_199_254_740_992]
        var colour = Colour.green
        var shapes: [Shape] = [.circle(radius: 2), .label("x", 3)]
        var nested: [[Int]] = [[], [1], [2, 3]]
        var optional: [Int?] = [nil, 7]
        var table = ["a/b": ["c": Colour.red]]
        var empty: [String: Int] = [:]
        var nothing = Nothing()
        var alpha = "last"
    }

    private struct Nothing: Hashable, Codable {}

    /// Opens its containers by hand and goes back to the first of them.
    private struct Manual: Encodable {
        private enum Key: String, CodingKey { case list, inner, after, more }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            var list = container.nestedUnkeyedContainer(forKey: .list)
            try list.encode(1)
            try list.encodeNil()
            var inner = container.nestedContainer(keyedBy: Key.self, forKey: .inner)
            try inner.encode(2, forKey: .list)
            #expect(list.count == 2)
            try container.encode("x", forKey: .after)
            var again = encoder.container(keyedBy: Key.self)
            try again.encodeNil(forKey: .more)
        }
    }

    private func text(_ value: some Encodable) throws -> String {
        String(decoding: try JSONTextEncoder.encode(value), as: UTF8.self)
    }

    @Test func `what was encoded reads back the same, here and with Foundation`() throws {
        let bytes = try JSONTextEncoder.encode(Sample())
        #expect(try JSONDecoder().decode(Sample.self, from: Data(bytes)) == Sample())
        let value = try JSONValue(parsing: bytes)
        #expect(try value == JSONValue(parsing: Array(JSONEncoder().encode(Sample()))))
    }

    @Test func `members stand in the order in which they were encoded, without what is nil`() throws {
        let text = try text(Sample())
        #expect(text.hasPrefix(#"{"zulu":"first","text":"#))
        #expect(text.hasSuffix(#""empty":{},"nothing":{},"alpha":"last"}"#))
        #expect(!text.contains("missing"))
        #expect(text.contains(#""numbers":[0,1,-1.5,1e+21,5e-7,9007199254740992]"#))
        #expect(text.contains(#"nul \u0000 Ω 👩‍💼"#))
    }

    @Test func `containers opened by hand close when their parent goes on`() throws {
        #expect(try text(Manual()) == #"{"list":[1,null],"inner":{"list":2},"after":"x","more":null}"#)
        #expect(try text([Manual]()) == "[]")
        #expect(try text("a/b") == #""a/b""#)
        #expect(try text(Colour.red) == #""red""#)
    }

    @Test(arguments: [Double.infinity, -.infinity, .nan])
    func `a number that JSON cannot say is refused`(number: Double) {
        #expect(throws: EncodingError.self) { try JSONTextEncoder.encode(["x": [number]]) }
    }

    @Test func `a member's text is found where it stands`() throws {
        let object = Array(
            #"{"a":{"snapshot":1},"b":["snapshot",{"x":2}],"c":"\"snapshot\":3","snapshot":{"y":[4,"}"]}}"#.utf8)
        func member(_ name: String) -> String? {
            JSONText.member(name, of: object).map { String(decoding: $0, as: UTF8.self) }
        }
        #expect(member("snapshot") == #"{"y":[4,"}"]}"#)
        #expect(member("a") == #"{"snapshot":1}"#)
        #expect(member("c") == #""\"snapshot\":3""#)
        #expect(member("y") == nil)
        for length in 0..<object.count { #expect(JSONText.member("snapshot", of: Array(object[..<length])) == nil) }
        #expect(JSONText.member("snapshot", of: Array(#"["snapshot",1]"#.utf8)) == nil)
    }
}
