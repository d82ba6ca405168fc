// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Foundation
import HTTPClient
import Postgres
import ServiceAPI
import Testing

@testable import Intake

struct BadInputTests {
    /// A change to a good request, and the code and pointer that it has to be refused with.
    struct Mistake: Sendable, CustomTestStringConvertible {
        let fault: String
        let change: @Sendable (inout [String: JSONValue]) -> Void
        var testDescription: String { fault }

        static let all: [Mistake] = [
            Mistake(fault: "unknown_property /colour") { $0["colour"] = "red" },
            Mistake(fault: "required /title") { $0["title"] = nil },
            Mistake(fault: "too_short /title") { $0["title"] = "" },
            Mistake(fault: "too_long /title") { $0["title"] = .string(String(repeating: "x", count: 201)) },
            Mistake(fault: "type_mismatch /title") { $0["title"] = 7 },
            Mistake(fault: "invalid_characters /title") { $0["title"] = "a\nb" },
            Mistake(fault: "type_mismatch /send") { $0["send"] = "yes" },
            Mistake(fault: "required /sender") { $0["sender"] = nil },
            Mistake(fault: "invalid_format /sender/email") { $0["sender"] = ["name": "A", "email": "nobody"] },
            Mistake(fault: "unknown_property /sender/phone") {
                $0["sender"] = ["name": "A", "email": "a@example.com", "phone": "1"]
            },
            Mistake(fault: "too_few /signers") { $0["signers"] = [] },
            Mistake(fault: "too_many /signers") { members in
                members["signers"] = .array((0...100).map { IntakeFixture.signer("s\($0)", order: 1, fields: []) })
            },
            Mistake(fault: "too_many /signers") { members in
                members["signers"] = .array(
                    (0..<6).map { signer in
                        IntakeFixture.signer(
                            "s\(signer)", order: 1,
                            fields: (0..<100).map { field in
                                IntakeFixture.field("f\(signer)-\(field)") { $0["field_type"] = "text" }
                            })
                    })
            },
            Mistake(fault: "duplicate_key /signers/1/key") {
                $0["signers"] = [
                    IntakeFixture.signer("a", order: 1, fields: []), IntakeFixture.signer("a", order: 1, fields: []),
                ]
            },
            Mistake(fault: "duplicate_key /signers/1/fields/0/key") {
                $0["signers"] = [
                    IntakeFixture.signer("a", order: 1, fields: [IntakeFixture.field("f")]),
                    IntakeFixture.signer("b", order: 1, fields: [IntakeFixture.field("f")]),
                ]
            },
            Mistake(fault: "out_of_range /signers/0/order_index") {
                $0["signers"] = [IntakeFixture.signer("a", order: 0)]
            },
            Mistake(fault: "unknown_field_type /signers/0/fields/0/field_type") {
                $0["signers"] = [
                    IntakeFixture.signer(
                        "a", order: 1, fields: [IntakeFixture.field("f") { $0["field_type"] = "stamp" }])
                ]
            },
            Mistake(fault: "not_supported /signers/0/fields/0/anchor") {
                $0["signers"] = [
                    IntakeFixture.signer("a", order: 1, fields: [IntakeFixture.field("f") { $0["anchor"] = "here" }])
                ]
            },
            Mistake(fault: "not_supported /signers/0/role") {
                $0["signers"] = [["key": "a", "name": "A", "email": "a@example.com", "role": "approver"]]
            },
            Mistake(fault: "field_outside_page /signers/0/fields/0") {
                $0["signers"] = [
                    IntakeFixture.signer("a", order: 1, fields: [IntakeFixture.field("f") { $0["x"] = 500 }])
                ]
            },
            Mistake(fault: "field_outside_page /signers/0/fields/0") {
                $0["signers"] = [
                    IntakeFixture.signer("a", order: 1, fields: [IntakeFixture.field("f") { $0["width"] = 0 }])
                ]
            },
            Mistake(fault: "field_outside_page /signers/0/fields/0/page_number") {
                $0["signers"] = [
                    IntakeFixture.signer("a", order: 1, fields: [IntakeFixture.field("f") { $0["page_number"] = 2 }])
                ]
            },
            Mistake(fault: "out_of_range /expires_at") { $0["expires_at"] = "2020-01-01T00:00:00Z" },
            Mistake(fault: "invalid_format /expires_at") { $0["expires_at"] = "tomorrow" },
            Mistake(fault: "unknown_retention_class /retention_class") { $0["retention_class"] = "forever" },
            Mistake(fault: "invalid_format /jurisdiction") { $0["jurisdiction"] = "de" },
            Mistake(fault: "invalid_format /locale") { $0["locale"] = "English!" },
            Mistake(fault: "type_mismatch /metadata/a~1b") { $0["metadata"] = ["a/b": [1]] },
            Mistake(fault: "too_many_documents /documents") { $0["documents"] = [["upload_id": "x"]] },
            Mistake(fault: "not_supported /batch_id") { $0["batch_id"] = "b" },
        ]
    }

    @Test func `API-11: each mistake in the JSON is refused with its code and pointer, and nothing is kept`()
        async throws
    {
        try await IntakeFixture.run { intake in
            for mistake in Mistake.all {
                let answer = try await intake.create(IntakeFixture.draft(mistake.change))
                #expect(answer.status == 422, "\(mistake.fault)")
                #expect(answer.faults == [mistake.fault], "\(mistake.fault)")
                #expect(answer.header("content-type") == "application/problem+json")
            }
            #expect(try await intake.outbox(type: "CreateEnvelopeV1").isEmpty)
            let objects = FileManager.default.enumerator(atPath: "\(intake.folder)/objects")?.compactMap {
                $0 as? String
            }
            #expect(try #require(objects).filter { $0.count > 80 }.isEmpty)
        }
    }

    @Test func `all mistakes of a request are reported together`() async throws {
        try await IntakeFixture.run { intake in
            let answer = try await intake.create(["title": 1, "send": 2, "extra": 3])
            #expect(
                answer.faults == [
                    "unknown_property /extra", "type_mismatch /title", "type_mismatch /send", "required /sender",
                    "required /signers",
                ])
        }
    }

    @Test func `API-11: files that cannot be signed are refused with the reason`() async throws {
        try await IntakeFixture.run { intake in
            let whole = SampleFile.onePage
            let encrypted = Array(
                String(decoding: whole, as: UTF8.self).replacing("/Root 1 0 R", with: "/Root 1 0 R/Encrypt 3 0 R").utf8)
            let cases: [([UInt8], String)] = [
                (Array("hello".utf8), "not_a_pdf"), ([], "not_a_pdf"), (Array(whole.prefix(100)), "pdf_truncated"),
                (encrypted, "pdf_encrypted"),
            ]
            for (file, code) in cases {
                let form = try await intake.create(file: file)
                #expect(form.code == code)
                #expect(form.status == 422)
                let upload = try await intake.send(
                    "POST", "/v1/uploads", key: UUID().uuidString, type: "application/pdf", body: file)
                #expect(upload.code == code)
            }
        }
    }

    @Test func `API-08: a file above 104,857,600 bytes is refused in either way of upload`() async throws {
        try await IntakeFixture.run { intake in
            let large = SampleFile.onePage + [UInt8](repeating: 32, count: 105_906_176 - SampleFile.onePage.count)
            let upload = try await intake.send("POST", "/v1/uploads", key: "big", type: "application/pdf", body: large)
            #expect(upload.code == "body_too_large")
            #expect(upload.status == 413)
            let form = try await intake.create(file: large)
            #expect(form.status == 413)
        }
    }

    @Test func `malformed JSON, doubled keys and bad UTF-8 are refused`() async throws {
        try await IntakeFixture.run { intake in
            for text in [Array("{\"title\":".utf8), Array("{\"a\":1,\"a\":2}".utf8), [0x22, 0xFF, 0x22]] {
                #expect(try await intake.create(text: text, file: SampleFile.onePage).code == "malformed_json")
                let json = try await intake.send(
                    "POST", "/v1/documents", key: UUID().uuidString, type: "application/json", body: text)
                #expect(json.code == "malformed_json")
            }
        }
    }

    @Test func `forms with missing, unknown or mistyped parts are refused`() async throws {
        try await IntakeFixture.run { intake in
            func form(_ parts: [(String, String, [UInt8])]) async throws -> HTTPClientResponse {
                try await intake.send(
                    "POST", "/v1/documents", key: UUID().uuidString, type: "multipart/form-data; boundary=b0undary",
                    body: IntakeFixture.form(parts))
            }
            let document = ("name=\"document\"", "application/json", IntakeFixture.draft().canonicalBytes())
            let file = ("name=\"file\"", "application/pdf", SampleFile.onePage)
            #expect(try await form([document]).faults == ["required /file"])
            #expect(try await form([file]).faults == ["required /document"])
            #expect(try await form([document, file, file]).code == "too_many_documents")
            #expect(try await form([("name=\"other\"", "text/plain", [])]).faults == ["unknown_property "])
            #expect(try await form([document, ("name=\"file\"", "image/png", [])]).code == "unsupported_media_type")
            let text = try await intake.send("POST", "/v1/documents", key: "t", type: "text/plain", body: [65])
            #expect(text.code == "unsupported_media_type")
        }
    }

    @Test func `unknown paths, methods and query parameters are refused as problems`() async throws {
        try await IntakeFixture.run { intake in
            #expect(try await intake.get("/v1/nothing").code == "not_found")
            let method = try await intake.send("DELETE", "/v1/documents")
            #expect(method.code == "method_not_allowed")
            #expect(method.header("allow")?.contains("POST") == true)
            #expect(try await intake.get("/v1/documents?colour=red").code == "invalid_parameter")
            #expect(try await intake.get("/v1/documents?limit=0").code == "invalid_parameter")
            #expect(try await intake.get("/v1/documents?cursor=x").code == "invalid_cursor")
            #expect(try await intake.get("/v1/documents/none").code == "not_found")
        }
    }
}
