// SPDX-License-Identifier: Apache-2.0
import Clocks
import Contracts
import Envelopes
import Foundation
import Messaging
import Metrics
import Postgres
import Testing

@testable import Notifier

@Suite struct NotificationHandlerTests {
    @Test func `NOT-01: a recipient is mailed the link of the request's generation, and the outcome is recorded`()
        async throws
    {
        let fixture = try await NotifierFixture()
        let request = fixture.request()
        try await fixture.deliver([try fixture.message(request)])
        let mail = try #require(fixture.transport.sent.first)
        let link = fixture.links.link(request: request.requestID, generation: 1)
        #expect(mail.body.contains("\n\(link)\n"))
        #expect(link.hasPrefix("https://sign.example.org/sign/"))
        #expect(link != fixture.links.link(request: request.requestID, generation: 2))
        #expect(mail.messageID == "\(request.requestID).1.signing_request@sign.example.org")
        let outcome = try #require(try await fixture.answers(NotificationOutcomeV1.self).first)
        #expect(outcome.status == .accepted)
        let event = try #require(try await fixture.answers(AuditEventV1.self).first)
        #expect(event.fact.eventType == "recipient.mailed" && event.personal?.email == "zoe@example.org")
    }

    @Test func `the link and the address stand in no row, and in no message but the sealed part of the audit`()
        async throws
    {
        let fixture = try await NotifierFixture()
        let request = fixture.request()
        try await fixture.deliver([try fixture.message(request)])
        let token = fixture.links.link(request: request.requestID, generation: 1).suffix(36)
        let rows = try await fixture.pool.execute(
            PostgresStatement(
                """
                select d::text from deliveries d
                union all select convert_from(payload, 'UTF8') from outbox where type <> 'AuditEventV1'
                """))
        for row in rows.rows {
            #expect(!(try row.string(0)).contains(token))
            #expect(!(try row.string(0)).contains("zoe@example.org"))
        }
        let audit = try await fixture.pool.execute(
            PostgresStatement("select convert_from(payload, 'UTF8') from outbox"))
        for row in audit.rows { #expect(!(try row.string(0)).contains(token)) }
    }

    @Test func `NOT-04: asked again, a mail is answered again and neither sent nor recorded again`() async throws {
        let fixture = try await NotifierFixture()
        let request = fixture.request()
        try await fixture.deliver([try fixture.message(request), try fixture.message(request, seq: 2)])
        try await fixture.deliver([try fixture.message(request, seq: 3)])
        #expect(fixture.transport.sent.count == 1)
        #expect(
            try await fixture.answers(NotificationOutcomeV1.self).map(\.status) == [.accepted, .accepted, .accepted])
        #expect(try await fixture.answers(AuditEventV1.self).count == 1)
    }

    @Test func `a crash between mail and outcome repeats it under the same Message-ID`() async throws {
        let fixture = try await NotifierFixture()
        let message = try fixture.message(fixture.request())
        try await fixture.deliver([message], losing: true)
        try await fixture.deliver([message])
        #expect(Set(fixture.transport.sent.map(\.messageID)).count == 1)
        #expect(try await fixture.answers(NotificationOutcomeV1.self).count == 1)
    }

    @Test func `RES-01: while the server is away mails wait, and those that went out are not sent again`() async throws
    {
        let fixture = try await NotifierFixture()
        let good = (0..<20).map { fixture.request(to: "good\($0)@example.org") }
        let late = fixture.request(to: "late@example.org")
        fixture.transport.fail("late@example.org", with: MailFailure(code: "smtp_450", isRetriable: true))
        let all = try good.map { try fixture.message($0) } + [try fixture.message(late)]
        await #expect(throws: TransientFailure(code: "smtp_450")) { try await fixture.deliver(all) }
        #expect(try await fixture.answers(NotificationOutcomeV1.self).isEmpty)
        fixture.transport.fail("late@example.org", with: nil)
        try await fixture.deliver(all)
        #expect(fixture.transport.sent.count == 21)
        #expect(Set(fixture.transport.sent.map(\.to.address)).count == 21)
        #expect(try await fixture.answers(AuditEventV1.self).count == 21)
    }

    @Test func `a refusal for good is an outcome`() async throws {
        let fixture = try await NotifierFixture()
        fixture.transport.fail("gone@example.org", with: MailFailure(code: "smtp_550", isRetriable: false))
        try await fixture.deliver([
            try fixture.message(fixture.request(to: "gone@example.org")),
            try fixture.message(fixture.request(to: "a@b@example.org")),
        ])
        let outcomes = try await fixture.answers(NotificationOutcomeV1.self)
        #expect(outcomes.map(\.status) == [.bounced, .failed])
        #expect(outcomes.map(\.reason) == ["smtp_550", "address_malformed"])
        #expect(try await fixture.answers(AuditEventV1.self).allSatisfy { $0.fact.outcome == .failed })
    }

    @Test func `a mail that nobody takes for four days is given up`() async throws {
        let fixture = try await NotifierFixture()
        fixture.transport.fail("zoe@example.org", with: MailFailure(code: "smtp_unreachable", isRetriable: true))
        let message = try fixture.message(fixture.request())
        fixture.clock.advance(bySeconds: NotificationHandler.deadlineSeconds - 1)
        await #expect(throws: TransientFailure.self) { try await fixture.deliver([message]) }
        fixture.clock.advance(bySeconds: 1)
        try await fixture.deliver([message])
        #expect(try await fixture.answers(NotificationOutcomeV1.self).map(\.reason) == ["smtp_unreachable"])
    }

    @Test func `a link that is over is not mailed any more`() async throws {
        let fixture = try await NotifierFixture()
        let message = try fixture.message(fixture.request(expiresIn: 60))
        fixture.clock.advance(bySeconds: 60)
        try await fixture.deliver([message])
        #expect(fixture.transport.sent.isEmpty)
        #expect(try await fixture.answers(NotificationOutcomeV1.self).map(\.reason) == ["link_expired"])
    }

    @Test func `an unknown type is no request`() async throws {
        let fixture = try await NotifierFixture()
        let known = try fixture.message(fixture.request())
        let message = InboundMessage(
            stream: known.stream, seq: 1, type: "NotifyRecipientV9", tenantID: known.tenantID, time: known.time,
            payload: known.payload)
        await #expect(throws: PermanentFailure(code: "unknown_type", detail: "NotifyRecipientV9")) {
            try await fixture.deliver([message])
        }
    }
}
