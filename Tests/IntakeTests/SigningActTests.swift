// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Contracts
import Cryptography
import Envelopes
import Foundation
import HTTPClient
import Storage
import TestSupport
import Testing

@testable import Intake

struct SigningActTests {
    @Test func `ID-05, API-04: a submission is kept and said once, answers 202 until signed, and replays`() async throws
    {
        try await IntakeFixture.run { intake in
            let stage = try await SigningStage.open(intake)
            let first = try await stage.post("/fields", stage.submission())
            #expect(first.status == 202)
            #expect(first.json == ["status": "signing", "status_url": .string("\(stage.path())/status")])
            #expect(try await stage.get("/status").json == ["status": "signing", "signed_at": .null])
            let command = try #require(try await intake.outbox(type: SubmitFieldsV1.messageType).first?.payload)
            #expect(command["consent"]?["disclosure_sha256"] == .string(Disclosure.current.sha256.hex))
            #expect(
                command["consent"]?["documents"]?.arrayValue?.first?["prepared_sha256"]
                    == .string(stage.prepared.sha256.hex))
            #expect(command["generation"] == 1)
            let event = try #require(try await intake.events("recipient.submission_received").first)
            #expect(event["policy_version"] == "builtin-1")

            let signedAt = IntakeFixture.start.advanced(bySeconds: 5)
            try await stage.move(2, .inProgress, .signed, signedAt: signedAt)
            let replay = try await stage.post("/fields", stage.submission())
            #expect(replay.status == 200)
            #expect(replay.json == ["status": "signed", "signed_at": .string(signedAt.rfc3339(fractionDigits: 3))])
            #expect(try await stage.post("/fields", stage.submission()).body == replay.body)
            #expect(try await stage.get(headers: []).text.contains("You signed"))
            #expect(try await stage.said() == ["recipient.submission_received", "SubmitFieldsV1"])
        }
    }

    @Test func `API-04: who waits hears of the signature as soon as it is there`() async throws {
        try await IntakeFixture.run { intake in
            let stage = try await SigningStage.open(intake)
            async let answer = stage.post("/fields", stage.submission())
            try await eventually { try await stage.said().contains("SubmitFieldsV1") }
            try await stage.move(2, .inProgress, .signed, signedAt: IntakeFixture.start)
            #expect(try await answer.status == 200)
            #expect(try await answer.json["status"] == "signed")
        }
    }

    @Test func `API-04: who waits for an envelope that ends hears that`() async throws {
        try await IntakeFixture.run { intake in
            let stage = try await SigningStage.open(intake)
            async let answer = stage.post("/fields", stage.submission())
            try await eventually { try await stage.said().contains("SubmitFieldsV1") }
            try await stage.move(2, .voided, .notified)
            #expect(try await answer.code == "envelope_voided")
        }
    }

    @Test func `API-04: another submission, and a decline, are refused once one was accepted`() async throws {
        try await IntakeFixture.run { intake in
            let stage = try await SigningStage.open(intake)
            _ = try await stage.post("/fields", stage.submission())
            let others = [
                stage.submission {
                    $0["fields"] = [["key": "place", "value": "Bern"], ["key": "accepted", "value": true]]
                },
                stage.submission { $0["signature_image"] = "iVBORw0KGgo=" }, [:],
            ]
            for other in others {
                let answer = try await stage.post("/fields", other)
                #expect(answer.status == 409)
                #expect(answer.code == "already_signed")
            }
            #expect(try await stage.post("/decline", ["reason": "no"]).code == "already_signed")
            #expect(
                try await stage.form("/fields", stage.formText(place: "Bern")).text.contains("You have signed already"))
            #expect(try await stage.said() == ["recipient.submission_received", "SubmitFieldsV1"])
        }
    }

    @Test func `ID-05: consent to another version or another text signs nothing`() async throws {
        try await IntakeFixture.run { intake in
            let stage = try await SigningStage.open(intake)
            let zeros = String(repeating: "0", count: 64)
            for (right, code) in [
                (stage.prepared.sha256.hex, "consent_mismatch"), (Disclosure.current.sha256.hex, "consent_mismatch"),
            ] {
                let text = String(decoding: stage.submission().canonicalBytes(), as: UTF8.self)
                let answer = try await stage.post("/fields", bytes: Array(text.replacing(right, with: zeros).utf8))
                #expect(answer.status == 422)
                #expect(answer.code == code)
            }
            let unticked = try await stage.post("/fields", stage.submission { $0["consent"] = ["agreed": false] })
            #expect(unticked.faults == ["consent_required /consent/agreed"])
            #expect(try await stage.said() == [])
        }
    }

    @Test func `API-04: what cannot be read gets a clear answer`() async throws {
        try await IntakeFixture.run { intake in
            let stage = try await SigningStage.open(intake)
            for path in ["/view", "/fields", "/decline"] {
                for bytes in [Array("{\"a\":".utf8), [0x22, 0xC3, 0x28, 0x22], Array("{\"a\":1,\"a\":2}".utf8)] {
                    let answer = try await stage.post(path, bytes: bytes)
                    #expect(answer.status == 400)
                    #expect(answer.code == "malformed_json")
                }
                let broken = try await stage.form(path, "reason=%C3%28")
                #expect(broken.status == 400)
                #expect(broken.header("content-type") == "text/html; charset=utf-8")
                #expect(try await stage.post(path, bytes: [1], type: "text/plain").code == "unsupported_media_type")
                #expect(try await stage.post(path, ["extra": 1]).faults == ["unknown_property /extra"])
            }
            let long = try await stage.post("/fields", bytes: [UInt8](repeating: 0x20, count: 5 << 20))
            #expect(long.code == "body_too_large")
            let parts = try await stage.post(
                "/fields", bytes: Array("--x".utf8), type: "multipart/form-data; boundary=x")
            #expect(parts.code == "malformed_multipart")
            #expect(try await stage.said() == [])
        }
    }

    // MARK: Forms

    @Test func `API-04: a form signs, sends the browser on, and is the same submission as its JSON`() async throws {
        try await IntakeFixture.run { intake in
            let stage = try await SigningStage.open(intake)
            let sent = try await stage.form("/fields", stage.formText())
            #expect(sent.status == 303)
            #expect(sent.header("location") == stage.path())
            let page = try await stage.get(headers: []).text
            #expect(page.contains("http-equiv=\"refresh\""))
            #expect(page.contains("will not be asked to sign again"))
            #expect(try await stage.post("/fields", stage.submission()).status == 202)
            #expect(try await stage.said() == ["recipient.submission_received", "SubmitFieldsV1"])
        }
    }

    @Test func `API-04: a form with a fault comes back with what was entered, unticked`() async throws {
        try await IntakeFixture.run { intake in
            let stage = try await SigningStage.open(intake)
            _ = try await stage.form("/view", "")
            let text = stage.formText().replacing("field.day=", with: "field.day=soon")
            let answer = try await stage.form("/fields", text)
            #expect(answer.status == 422)
            #expect(answer.text.contains("role=\"alert\""))
            #expect(answer.text.contains("value=\"Zürich\""))
            #expect(answer.text.contains("href=\"#field.day\""))
            let reason = try await stage.form("/decline", "reason=+")
            #expect(reason.status == 422)
            #expect(reason.text.contains("<details open>"))
        }
    }

    @Test func `API-04: a picture in a form is checked, kept encrypted and named by the submission`() async throws {
        try await IntakeFixture.run { intake in
            let stage = try await SigningStage.open(intake)
            _ = try await stage.form("/view", "")
            let picture = SigningSample.png(width: 300, height: 90)
            func send(_ picture: [UInt8], name: String) async throws -> (status: Int, text: String) {
                let texts = stage.formText(place: "Bern").split(separator: "&").map { pair in
                    let parts = pair.split(separator: "=", omittingEmptySubsequences: false)
                    return ("name=\"\(parts[0])\"", "text/plain", Array(parts[1].utf8))
                }
                let file = ("name=\"signature_image\"; filename=\"\(name)\"", "image/png", picture)
                let answer = try await stage.post(
                    "/fields", bytes: IntakeFixture.form(texts + [file]),
                    type: "multipart/form-data; boundary=b0undary", headers: [])
                return (answer.status, answer.text)
            }
            for wrong in [Array("GIF89a".utf8), [UInt8](repeating: 1, count: (2 << 20) + 1)] {
                let answer = try await send(wrong, name: "me.png")
                #expect(answer.status == 422)
                #expect(answer.text.contains("href=\"#signature_image\""))
            }
            #expect(try await send(picture, name: "me.png").status == 303)
            let command = try #require(try await intake.outbox(type: SubmitFieldsV1.messageType).first?.payload)
            let named = try #require(command["signature_image"])
            #expect(named["sha256"] == .string(Hex.encode(SHA256.digest(of: picture))))
            let reference: ObjectReference = try StoredJSON.value(
                String(decoding: named.canonicalBytes(), as: UTF8.self))
            let source = try await intake.context.objects.open(StoredObject(reference), in: .working)
            #expect(try await intake.context.objects.bytes(in: 0..<source.size, of: source) == picture)
            // The same once more is the same object and the same submission; without the picture it is another.
            #expect(try await send(picture, name: "again.png").status == 303)
            #expect(try await send([], name: "").status == 409)
        }
    }

    // MARK: Declining

    @Test func `WF-18, API-05: a decline is said once with its reason, and ends the page`() async throws {
        try await IntakeFixture.run { intake in
            let stage = try await SigningStage.open(intake)
            let answer = try await stage.post("/decline", ["reason": "The salary\nis wrong"])
            #expect(answer.status == 200)
            #expect(answer.json == ["status": "declined"])
            let again = try await stage.form("/decline", "reason=The+salary%0D%0Ais+wrong")
            #expect(again.status == 303)
            #expect(try await stage.post("/decline", ["reason": "Other"]).code == "already_declined")
            #expect(try await stage.post("/fields", stage.submission()).code == "already_declined")
            #expect(try await stage.get("/status").json["status"] == "declined")
            #expect(try await stage.get(headers: []).text.contains("You declined to sign"))
            #expect(try await stage.said() == ["recipient.decline_received", "DeclineRequestV1"])
            let command = try #require(try await intake.outbox(type: DeclineRequestV1.messageType).first?.payload)
            #expect(command["reason"] == "The salary\nis wrong")
            // The person's own link goes on saying so; it is not somebody else's decline.
            try await stage.move(2, .declined, .declined)
            #expect(try await stage.get().json["status"] == "declined")
        }
    }
}
