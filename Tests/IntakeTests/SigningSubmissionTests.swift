// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Contracts
import Envelopes
import Foundation
import Testing

@testable import Intake

struct SigningSubmissionTests {
    private func read(_ body: JSONValue, _ state: SigningState) throws -> SigningSubmission {
        try SigningSubmission(.json(body), for: state)
    }

    /// The code and pointer that a submission is refused with.
    private func refusal(_ body: JSONValue, _ state: SigningState) -> String? {
        do throws(SigningProblem) {
            _ = try SigningSubmission(.json(body), for: state)
            return nil
        } catch {
            return "\(error.status) \(error.code) \(error.pointer ?? "-")"
        }
    }

    @Test func `ID-05: a right submission carries the consent to exactly the prepared version, and the values`() throws
    {
        let state = try SigningSample.state()
        let submission = try read(SigningSample.submission(for: state), state)
        #expect(submission.consent.disclosureSHA256 == Disclosure.current.sha256)
        #expect(submission.consent.documents.map(\.preparedSHA256.hex) == [SigningSample.digest])
        #expect(submission.consent.documents.map(\.revisionSHA256) == [nil])
        #expect(submission.values.map(\.value) == [.text("Zürich"), .checked(false), .checked(true)])
        #expect(submission.image == nil)
    }

    @Test func `ID-05: no consent, and consent to anything else, are refused`() throws {
        let state = try SigningSample.state()
        func consent(_ change: (inout [String: JSONValue]) -> Void) -> String? {
            var consent = SigningSample.consent(for: state)
            change(&consent)
            return refusal(SigningSample.submission(for: state) { $0["consent"] = .object(consent) }, state)
        }
        #expect(refusal([:], state) == "422 consent_required /consent/agreed")
        for value: JSONValue in [false, .null, "true", 1] {
            #expect(consent { $0["agreed"] = value } == "422 consent_required /consent/agreed")
        }
        let zeros = JSONValue.string(String(repeating: "0", count: 64))
        #expect(consent { $0["disclosure_sha256"] = zeros } == "422 consent_mismatch /consent")
        #expect(consent { $0["documents"] = [] } == "422 consent_mismatch /consent")
        let documents = SigningSample.consent(for: state)["documents"]?.arrayValue ?? []
        #expect(consent { $0["documents"] = .array(documents + documents) } == "422 consent_mismatch /consent")
        for (name, value) in [("prepared_sha256", zeros), ("document_id", .string(UUID().uuidString))] {
            let other = SigningSample.consent(for: state) { $0[name] = value }
            #expect(consent { $0 = other } == "422 consent_mismatch /consent")
        }
    }

    @Test func `API-04: members that nobody knows are refused with their place`() throws {
        let state = try SigningSample.state()
        func change(_ change: (inout [String: JSONValue]) -> Void) -> String? {
            refusal(SigningSample.submission(for: state, change), state)
        }
        #expect(change { $0["extra"] = 1 } == "422 unknown_property /extra")
        #expect(
            change { $0["consent"] = .object(SigningSample.consent(for: state).merging(["a/b~": 1]) { $1 }) }
                == "422 unknown_property /consent/a~1b~0")
        #expect(
            change { $0["consent"] = .object(SigningSample.consent(for: state) { $0["size"] = 1 }) }
                == "422 unknown_property /consent/documents/0/size")
        #expect(
            change { $0["fields"] = [["key": "place", "value": "x", "page": 1]] }
                == "422 unknown_property /fields/0/page")
        #expect(change { $0["fields"] = "x" } == "422 type_mismatch /fields")
        #expect(refusal([], state) == "422 type_mismatch ")
    }

    @Test(
        arguments: [
            ("place", .null, "field_invalid /fields/1/value"), ("place", " \n", "field_required /fields"),
            ("place", "a\u{0}", "field_invalid /fields/1/value"), ("place", "a\u{9B}", "field_invalid /fields/1/value"),
            ("place", .string(String(repeating: "é", count: 2001)), "field_invalid /fields/1/value"),
            ("day", "20.11.2026", "field_invalid /fields/1/value"),
            ("day", "2026-02-30", "field_invalid /fields/1/value"),
            ("day", "2026-11-20T00:00:00Z", "field_invalid /fields/1/value"),
            ("day", true, "field_invalid /fields/1/value"),
            ("accepted", false, "field_required /fields"), ("accepted", "true", "field_invalid /fields/1/value"),
            ("signature", "Ada", "field_invalid /fields/1/value"), ("other", "x", "field_invalid /fields/1/key"),
            ("box", true, "field_invalid /fields/1/key"),
        ] as [(String, JSONValue, String)])
    func `API-04: values that a field does not take are refused`(key: String, value: JSONValue, expected: String) throws
    {
        let state = try SigningSample.state()
        // The first entry is the box, so that it given once more is given twice.
        var fields: [JSONValue] = [["key": "box", "value": true], ["key": .string(key), "value": value]]
        for (other, good) in [("place", "Zürich"), ("accepted", true)] as [(String, JSONValue)] where other != key {
            fields.append(["key": .string(other), "value": good])
        }
        #expect(
            refusal(SigningSample.submission(for: state) { $0["fields"] = .array(fields) }, state) == "422 \(expected)")
    }

    @Test func `API-04: required fields have to be there, others need not`() throws {
        let state = try SigningSample.state()
        #expect(
            refusal(SigningSample.submission(for: state) { $0["fields"] = .null }, state)
                == "422 field_required /fields")
        let full: JSONValue = [
            ["key": "accepted", "value": true], ["key": "day", "value": "2028-02-29"],
            ["key": "place", "value": "a\r\nb"],
        ]
        let submission = try read(SigningSample.submission(for: state) { $0["fields"] = full }, state)
        #expect(
            submission.values.map(\.value) == [.text("a\nb"), .text("2028-02-29"), .checked(false), .checked(true)])
    }

    @Test func `API-04: the same content has the same digest, as JSON and as a form`() throws {
        let state = try SigningSample.state()
        let first = try read(SigningSample.submission(for: state), state)
        let reordered = try read(
            SigningSample.submission(for: state) {
                $0["fields"] = [
                    ["key": "accepted", "value": true], ["key": "place", "value": "Zürich"],
                    ["key": "day", "value": ""],
                    ["key": "box", "value": false],
                ]
                $0["signature_image"] = .null
                $0["consent"] = .object(
                    SigningSample.consent(for: state) {
                        $0["revision_sha256"] = .string(String(repeating: "b", count: 64))
                    })
            }, state)
        let document = state.documents[0].documentID
        let form = try #require(
            FormBody(
                Array(
                    """
                    field.place=Z%C3%BCrich&field.day=&field.accepted=true&agreed=true&disclosure_sha256=\
                    \(Disclosure.current.sha256.hex)&prepared.\(document)=\(SigningSample.digest)
                    """.utf8)))
        let sent = try SigningSubmission(.form(form, picture: nil), for: state)
        #expect(first.digest == reordered.digest)
        #expect(first.digest == sent.digest)
        #expect(first.values == sent.values)
        #expect(reordered.consent.documents[0].revisionSHA256?.hex == String(repeating: "b", count: 64))
        let pictured = try SigningSubmission(
            .form(form, picture: SigningSample.png(width: 8, height: 8)), for: state)
        #expect(pictured.digest != first.digest)
        let other = try read(
            SigningSample.submission(for: state) {
                $0["fields"] = [["key": "place", "value": "Zurich"], ["key": "accepted", "value": true]]
            }, state)
        #expect(other.digest != first.digest)
    }

    @Test func `API-04: an unticked box of a form is no agreement`() throws {
        let state = try SigningSample.state()
        let form = try #require(FormBody(Array("disclosure_sha256=\(Disclosure.current.sha256.hex)".utf8)))
        let error = try #require(throws: SigningProblem.self) {
            try SigningSubmission(.form(form, picture: nil), for: state)
        }
        #expect(error.code == "consent_required")
    }

    @Test func `API-04: a picture comes as base64, whole and small enough`() throws {
        let state = try SigningSample.state()
        func image(_ value: JSONValue) -> String? {
            refusal(SigningSample.submission(for: state) { $0["signature_image"] = value }, state)
        }
        func base64(_ bytes: [UInt8]) -> JSONValue { .string(Data(bytes).base64EncodedString()) }
        #expect(image(base64(SigningSample.png(width: 300, height: 80))) == nil)
        #expect(image(base64(SigningSample.jpeg(width: 300, height: 80))) == nil)
        #expect(image("%%") == "422 type_mismatch /signature_image")
        #expect(image(1) == "422 type_mismatch /signature_image")
        #expect(image(base64(SigningSample.png(width: 2001, height: 2000))) == "422 field_invalid /signature_image")
        #expect(image(base64(Array("GIF89a".utf8))) == "422 field_invalid /signature_image")
    }

    @Test(arguments: [
        ("", "field_invalid"), ("  \n ", "field_invalid"), (String(repeating: "x", count: 1001), "field_invalid"),
        ("a\u{0}b", "field_invalid"),
    ])
    func `API-05: a reason that says nothing is refused`(reason: String, code: String) throws {
        let error = try #require(throws: SigningProblem.self) { try DeclineReason(.json(["reason": .string(reason)])) }
        #expect(error.code == code)
        #expect(error.pointer == "/reason")
    }

    @Test func `API-05: the same reason is the same from a form`() throws {
        let form = try #require(FormBody(Array("reason=Not+me%0D%0A%E2%80%93+sorry".utf8)))
        #expect(try DeclineReason(.form(form, picture: nil)).text == "Not me\n– sorry")
        #expect(try DeclineReason(.json(["reason": "Not me\n– sorry"])).text == "Not me\n– sorry")
        #expect(throws: SigningProblem.self) { try DeclineReason(.json(["reason": "x", "also": 1])) }
        #expect(throws: SigningProblem.self) { try DeclineReason(.json([])) }
    }
}
