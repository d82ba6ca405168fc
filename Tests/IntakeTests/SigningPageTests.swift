// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Contracts
import Cryptography
import Envelopes
import Foundation
import HTTPClient
import HTTPServer
import Logging
import Metrics
import Postgres
import ServiceKit
import Storage
import TestSupport
import Testing

@testable import Intake

struct SigningPageTests {
    // MARK: Looking

    @Test func `API-03: a mail scanner's requests change nothing, and the person's own step leaves one view`()
        async throws
    {
        try await IntakeFixture.run { intake in
            let stage = try await SigningStage.open(intake)
            for _ in 0..<10 {
                #expect(try await stage.get(headers: []).status == 200)
                #expect(try await stage.get(method: "HEAD").status == 200)
                #expect(try await stage.get("/status").json["status"] == "notified")
                #expect(try await stage.get("/documents/\(stage.document)", method: "HEAD").status == 200)
            }
            #expect(try await stage.said() == [])
            for _ in 0..<2 { #expect(try await stage.post("/view", [:]).json == ["status": "viewed"]) }
            let again = try await stage.form("/view", "")
            #expect(again.status == 303)
            #expect(again.header("location") == stage.path())
            #expect(try await stage.said() == ["recipient.view_received", "RecordViewV1"])
            #expect(try await stage.get("/status").json["status"] == "viewed")
        }
    }

    @Test func `ID-06: page and JSON show who asks, the disclosure, its effect, how to refuse, and the document`()
        async throws
    {
        try await IntakeFixture.run { intake in
            let stage = try await SigningStage.open(intake) { $0["message"] = ["body": "Please\n\n<sign>"] }
            let view = try await stage.get().json
            #expect(view["envelope"]?["sender"]?["email"] == "ada@example.com")
            #expect(view["envelope"]?["message"] == "Please\n\n<sign>")
            #expect(view["signer"]?["name"] == "employee")
            let text = try #require(view["disclosure"]?["text"]?.stringValue)
            #expect(view["disclosure"]?["sha256"] == .string(Hex.encode(SHA256.digest(of: Array(text.utf8)))))
            #expect(view["legal_effect"] == .string(Disclosure.legalEffect))
            #expect(view["how_to_refuse"] == .string(Disclosure.howToRefuse))
            #expect(view["fields"]?.arrayValue?.count == SigningSample.fieldTypes.count)
            let document = try #require(view["documents"]?.arrayValue?.first)
            #expect(document["prepared_sha256"] == .string(stage.prepared.sha256.hex))
            #expect(document["url"] == .string("\(stage.path())/documents/\(stage.document)"))

            let closed = try await stage.get(headers: []).text
            #expect(closed.contains("Open the document"))
            #expect(!closed.contains("/documents/"), "a scanner that follows links opens no document")
            _ = try await stage.form("/view", "")
            let page = try await stage.get(headers: []).text
            #expect(page.contains("&lt;sign&gt;"))
            #expect(!page.contains("<script"))
            for part in [
                "I agree and sign", "/documents/\(stage.document)?download=1", stage.prepared.sha256.hex, "Decline",
            ] {
                #expect(page.contains(part), "\(part)")
            }
        }
    }

    @Test func `ID-06: the document is exactly what is consented to, and each look is audited`() async throws {
        try await IntakeFixture.run { intake in
            let stage = try await SigningStage.open(intake)
            let inline = try await stage.get("/documents/\(stage.document)")
            #expect(inline.body == SampleFile.file(comment: "prepared"))
            #expect(inline.header("etag") == "\"\(stage.prepared.sha256.hex)\"")
            #expect(inline.header("content-disposition")?.hasPrefix("inline; filename=\"Offer.pdf\"") == true)
            #expect(inline.header("x-frame-options") == "SAMEORIGIN")
            #expect(inline.header("content-security-policy") == "frame-ancestors 'self'")
            let copy = try await stage.get("/documents/\(stage.document)?download=1")
            #expect(copy.header("content-disposition")?.hasPrefix("attachment") == true)
            #expect(try await stage.said() == ["document.previewed", "document.previewed"])
            #expect(try await stage.get("/documents/\(UUID())").code == "not_found")
            #expect(try await stage.get("/documents/x").code == "not_found")
            _ = try await intake.context.objects.delete(StoredObject(stage.prepared), in: .working)
            let gone = try await stage.get("/documents/\(stage.document)")
            #expect(gone.status == 410)
            #expect(gone.code == "gone")
        }
    }

    @Test func `nothing is cached, framed, sniffed or told to other sites, and no line of the log has a token`()
        async throws
    {
        try await IntakeFixture.run { intake in
            let stage = try await SigningStage.open(intake)
            let writer = MemoryLogWriter()
            let listener = try Self.listener(intake, writer)
            let shutdown = ShutdownSignal()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await listener.run(until: shutdown) }
                for (path, type, status) in [
                    ("", "text/html", 200), ("", "application/json", 200), ("/status", "text/html", 200),
                    ("/documents/\(stage.document)", "*/*", 200), ("/documents/x", "text/html", 404),
                ] {
                    let answer = try await intake.session.send(
                        .init(
                            url: "http://127.0.0.1:\(listener.port)\(stage.path())\(path)", headers: [("Accept", type)])
                    )
                    #expect(answer.status == status)
                    #expect(answer.header("cache-control") == "no-store")
                    #expect(answer.header("referrer-policy") == "no-referrer")
                    #expect(answer.header("x-content-type-options") == "nosniff")
                    #expect(answer.header("content-security-policy") != nil)
                    #expect(answer.header("vary") == "Accept")
                }
                shutdown.trigger()
                try await group.waitForAll()
            }
            let lines = writer.records.map { "\($0)" }
            #expect(lines.contains { $0.contains("/sign/{token}") })
            #expect(!lines.contains { $0.contains(stage.path().dropFirst("/sign/".count)) })
            let page = try await stage.get(headers: [])
            #expect(page.header("x-frame-options") == "DENY")
            #expect(page.header("content-security-policy")?.contains("default-src 'none'") == true)
            #expect(
                try await intake.outbox().allSatisfy {
                    !"\($0.payload)".contains(stage.path().dropFirst("/sign/".count))
                })
        }
    }

    private static func listener(_ intake: IntakeFixture, _ writer: MemoryLogWriter) throws -> HTTPListener {
        let old = intake.context
        let context = IntakeContext(
            pool: old.pool, store: old.store, outbox: old.outbox, waiters: old.waiters, objects: old.objects,
            vault: old.vault, admission: old.admission, proxies: old.proxies, clock: old.clock, ids: old.ids,
            logger: writer.logger, publicURL: old.publicURL)
        var router = Router { IntakeFallback.respond(to: $0, $1) }
        SigningRoutes(context: context).add(to: &router)
        return try HTTPListener(
            HTTPListenerConfiguration(name: "signing", maximumBodyBytes: 1 << 20), router: router,
            logger: writer.logger,
            metrics: MetricsRegistry())
    }

    // MARK: Links that open nothing

    @Test(arguments: [
        (EnvelopeStatus.voided, RequestStatus.notified, "envelope_voided"), (.expired, .expired, "envelope_expired"),
        (.declined, .viewed, "envelope_declined"), (.failed, .signing, "envelope_failed"),
    ])
    func `WF-18: a link of an envelope that ended says so, and whom to ask`(
        status: EnvelopeStatus, signer: RequestStatus, code: String
    ) async throws {
        try await IntakeFixture.run { intake in
            let stage = try await SigningStage.open(intake)
            try await stage.move(2, status, signer)
            let refusals = [
                try await stage.get(), try await stage.get("/status"),
                try await stage.get("/documents/\(stage.document)"),
                try await stage.post("/view", [:]), try await stage.post("/fields", stage.submission()),
                try await stage.post("/decline", ["reason": "no"]),
            ]
            #expect(refusals.map(\.status) == Array(repeating: 410, count: 6))
            #expect(refusals.map(\.code) == Array(repeating: code, count: 6))
            let page = try await stage.get(headers: [])
            #expect(page.status == 410)
            #expect(page.header("content-type") == "text/html; charset=utf-8")
            #expect(page.text.contains("ada@example.com"))
            #expect(try await stage.said() == [])
        }
    }

    @Test func `API-03: an unknown token, and the end date, are told apart`() async throws {
        try await IntakeFixture.run { intake in
            for token in [UUID().uuidString, "x"] {
                let answer = try await intake.send("GET", "/sign/\(token)", token: "", headers: SigningStage.json)
                #expect(answer.status == 404)
                #expect(answer.code == "not_found")
            }
            let end = IntakeFixture.start.advanced(bySeconds: 3600)
            let stage = try await SigningStage.open(intake) {
                $0["expires_at"] = .string(end.rfc3339(fractionDigits: 3))
            }
            #expect(try await stage.get(headers: []).text.contains("20 November 2026, 13:00 UTC"))
            intake.clock.advance(bySeconds: 3600)
            let late = try await stage.post("/fields", stage.submission())
            #expect(late.status == 410)
            #expect(late.code == "envelope_expired")
        }
    }

    @Test func `API-03: a replaced link opens nothing, and what came by it late does not bar the new one`() async throws
    {
        try await IntakeFixture.run { intake in
            let stage = try await SigningStage.open(intake)
            #expect(try await stage.post("/fields", stage.submission()).status == 202)
            // The orchestrator had replaced the link before it heard of that submission.
            try await stage.move(2, .sent, .notified, generation: 2)
            let old = try await stage.get()
            #expect(old.status == 410)
            #expect(old.code == "link_superseded")
            #expect(try await stage.post("/fields", stage.submission()).code == "link_superseded")
            #expect(try await stage.get(generation: 2).json["status"] == "notified")
            #expect(try await stage.post("/view", [:], generation: 2).status == 200)
            #expect(try await stage.post("/fields", stage.submission(), generation: 2).status == 202)
            #expect(try await stage.get("/status", generation: 2).json["status"] == "signing")
            let generations = try await intake.outbox(type: SubmitFieldsV1.messageType).map { $0.payload["generation"] }
            #expect(generations == [1, 2])
        }
    }
}
