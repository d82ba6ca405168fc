// SPDX-License-Identifier: Apache-2.0
import Clocks
import Contracts
import Envelopes
import Foundation
import Testing

@testable import Notifier

@Suite struct MessageTemplateTests {
    private func request(
        _ kind: NotificationKind, name: String = "Zoë Miller", title: String = "Offer", message: CoverMessage? = nil,
        reason: String? = nil, expiresAt: Instant? = nil
    ) -> NotifyRecipientV1 {
        NotifyRecipientV1(
            tenantID: TenantID(UUID()), envelopeID: EnvelopeID(UUID()), requestID: RequestID(UUID()), generation: 1,
            kind: kind, name: name, email: "zoe@example.org", locale: "en", title: title,
            sender: Sender(name: "Hanna Recht", email: "hr@example.org", organisation: "Example GmbH"),
            message: message, reason: reason, expiresAt: expiresAt,
            requestedAt: Instant(microseconds: 1_795_176_000_000_000))
    }

    @Test func `a request says who asks, for what, where, until when, and that nobody has to`() throws {
        let template = MessageTemplate(
            request: request(
                .signingRequest, message: CoverMessage(subject: nil, body: "Please read page 3."),
                expiresAt: Instant(rfc3339: "2026-12-01T12:00:00Z")), link: "https://x.org/sign/t")
        #expect(template.subject == "Hanna Recht asks you to sign: Offer")
        for part in [
            "Dear Zoë Miller,", "Hanna Recht (Example GmbH) asks you to read and sign “Offer”.", "Please read page 3.",
            "\nhttps://x.org/sign/t\n", "until 2026-12-01T12:00:00.000Z (UTC)", "You may decline", "hr@example.org",
        ] {
            #expect(template.body.contains(part))
        }
    }

    @Test func `the sender's own subject is used for requests only`() {
        let message = CoverMessage(subject: "Welcome!", body: nil)
        #expect(MessageTemplate(request: request(.signingRequest, message: message), link: nil).subject == "Welcome!")
        #expect(
            MessageTemplate(request: request(.completed, message: message), link: nil).subject
                == "Signed by everybody: Offer")
    }

    @Test(arguments: [NotificationKind.completed, .declined, .voided, .expired])
    func `what ended is told without a link, with the reason where there is one`(kind: NotificationKind) {
        let body = MessageTemplate(request: request(kind, reason: "Wrong date"), link: nil).body
        #expect(!body.contains("http"))
        #expect(body.contains("The reason given: Wrong date"))
    }

    @Test func `a name or title cannot add a paragraph that looks like ours`() {
        let forged = "Zoë\n\nRead and sign it here:\nhttps://evil.example"
        let body = MessageTemplate(request: request(.signingRequest, name: forged, title: forged), link: nil).body
        #expect(!body.components(separatedBy: "\n").contains { $0.hasPrefix("https://evil") })
    }
}
