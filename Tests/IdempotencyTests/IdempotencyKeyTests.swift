// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Idempotency
import Testing

struct IdempotencyKeyTests {
    @Test(arguments: [
        ("\"8e03978e-40d5-43dd-bc93-6894a57f9324\"", "8e03978e-40d5-43dd-bc93-6894a57f9324"),
        ("8e03978e-40d5-43dd-bc93-6894a57f9324", "8e03978e-40d5-43dd-bc93-6894a57f9324"),
        (" \"a b\"\t", "a b"), (#""a\"b\\c""#, #"a"b\c"#), ("a/b=c", "a/b=c"),
    ])
    func `API-10: a key is taken quoted and plain`(value: String, text: String) throws {
        #expect(try IdempotencyKey(headerValues: [value]).text == text)
    }

    @Test(arguments: [
        [""], ["  "], ["\"\""], ["\"a"], ["a\"b\"\u{e9}"], ["\"a\"b"], [#""a\n""#], ["a b"], ["a\u{7}"], ["\"ä\""],
        ["a", "b"],
    ])
    func `API-10: a key that is empty, doubled or badly quoted is refused`(values: [String]) {
        #expect(throws: IdempotencyError.keyMalformed) { try IdempotencyKey(headerValues: values) }
    }

    @Test func `API-10: a missing key is its own error`() {
        #expect(throws: IdempotencyError.keyMissing) { try IdempotencyKey(headerValues: []) }
    }

    @Test func `API-10: a key has 255 characters at most, quotes not counted`() throws {
        let longest = String(repeating: "k", count: 255)
        #expect(try IdempotencyKey(headerValues: ["\"\(longest)\""]).text == longest)
        #expect(throws: IdempotencyError.keyTooLong) { try IdempotencyKey(headerValues: [longest + "k"]) }
    }

    @Test func `API-10: a fingerprint sees content, not spelling`() throws {
        func fingerprint(_ text: String, _ files: [[UInt8]] = []) throws -> RequestFingerprint {
            RequestFingerprint(json: try JSONValue(parsing: Array(text.utf8)), fileSHA256: files)
        }
        let first = try fingerprint(#"{"a":1,"b":[true,"x"]}"#, [[1]])
        #expect(try first == fingerprint(#" { "b" : [ true , "\u0078" ] , "a" : 1 } "#, [[1]]))
        #expect(try first != fingerprint(#"{"a":1,"b":["x",true]}"#, [[1]]))
        #expect(try first != fingerprint(#"{"a":1,"b":[true,"x"]}"#, [[2]]))
        #expect(try first != fingerprint(#"{"a":1,"b":[true,"x"]}"#))
        #expect(RequestFingerprint(pathParameters: ["id": "1"]) != RequestFingerprint(pathParameters: ["id": "2"]))
        #expect(RequestFingerprint(query: [("a", "1")]) != RequestFingerprint(query: [("a", "2")]))
        #expect(RequestFingerprint(fileSHA256: [[1, 2], [3]]) != RequestFingerprint(fileSHA256: [[1], [2, 3]]))
    }
}
