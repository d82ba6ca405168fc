// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Envelopes
import Foundation
import Testing

@Suite struct EnvelopeRoutingTests {
    @Test func `a new envelope asks for one prepared version of each document`() throws {
        let scenario = try Scenario(orders: [1, 2], documents: 2)
        #expect(scenario.effects.recorded == ["envelope.created"])
        #expect(scenario.effects.jobs.map(\.documentID) == scenario.envelope.documents.map(\.documentID))
        #expect(scenario.effects.jobs.allSatisfy { $0.version == 1 && $0.requestID == nil })
    }

    @Test func `WF-05: the next order opens with the last signature of the one before`() throws {
        var scenario = try Scenario(orders: [1, 3, 3, 7])
        try scenario.prepare()
        #expect(scenario.envelope.status == .sent)
        #expect(scenario.effects.announced == [.envelopePrepared, .envelopeSent, .recipientOpened])
        #expect(scenario.envelope.requests.map { $0.openedAt != nil } == [true, false, false, false])

        #expect(try scenario.sign(0).notified == [.signingRequest, .signingRequest])
        #expect(scenario.envelope.requests.map { $0.openedAt != nil } == [true, true, true, false])
        #expect(try scenario.sign(2).notified.isEmpty)
        #expect(try scenario.sign(1).notified == [.signingRequest])
        #expect(scenario.envelope.status == .inProgress)

        let last = try scenario.sign(3)
        #expect(last.announced.suffix(2) == [.recipientSigned, .envelopeCompleted])
        #expect(scenario.envelope.status == .completed)
        #expect(last.notified == [.completed, .completed, .completed, .completed])
    }

    @Test func `WF-05: parallel recipients open together and may sign in any order`() throws {
        var scenario = try Scenario(orders: [2, 2])
        try scenario.prepare()
        #expect(scenario.effects.notified == [.signingRequest, .signingRequest])
        try scenario.sign(1)
        #expect(scenario.envelope.status == .inProgress)
        try scenario.sign(0)
        #expect(scenario.envelope.status == .completed)
    }

    @Test func `a recipient whose turn has not come is refused`() throws {
        var scenario = try Scenario(orders: [1, 2])
        try scenario.prepare()
        #expect(throws: TransitionError(code: .notOpen, status: .sent)) { try scenario.submit(1) }
    }

    @Test func `a draft that is not released waits for send, whichever comes first`() throws {
        var late = try Scenario(send: false)
        try late.prepare()
        #expect(late.envelope.status == .prepared)
        #expect(try late.apply(.release).announced == [.envelopeSent, .recipientOpened])

        var early = try Scenario(send: false)
        try early.apply(.release)
        try early.prepare()
        #expect(early.envelope.status == .sent)
    }

    @Test func `a copy gets the completed document and no link`() throws {
        var scenario = try Scenario(orders: [1], copies: 1)
        try scenario.prepare()
        #expect(scenario.effects.notified == [.signingRequest])
        #expect(throws: TransitionError(code: .notASigner, status: .sent)) {
            try scenario.apply(.view(scenario.request(1), generation: 1))
        }
        #expect(try scenario.sign(0).notified == [.completed, .completed])
        try scenario.apply(.delivery(scenario.request(1), generation: 1, .completed, .accepted, reason: nil))
        #expect(scenario.status(1) == .notified)
    }

    @Test func `WF-18: a decline ends the envelope and tells those who had a link`() throws {
        var scenario = try Scenario(orders: [1, 1, 2])
        try scenario.prepare()
        let effects = try scenario.apply(.decline(scenario.request(1), generation: 1))
        #expect(effects.announced == [.recipientDeclined, .envelopeDeclined])
        #expect(effects.notified == [.declined])
        #expect(scenario.status(1) == .declined)
        #expect(throws: TransitionError(code: .envelopeEnded, status: .declined)) { try scenario.submit(0) }
    }

    @Test func `WF-18: a void in the middle of a signature wins, and the late signature is refused`() throws {
        var scenario = try Scenario(orders: [1])
        try scenario.prepare()
        let job = try #require(try scenario.submit(0).jobs.first)
        #expect(try scenario.apply(.void).announced == [.envelopeVoided])
        #expect(throws: TransitionError(code: .envelopeEnded, status: .voided)) {
            try scenario.apply(scenario.signed(job))
        }
        #expect(scenario.envelope.awaitingSince == nil)
    }

    @Test func `WF-07: the deadline expires what is open and only then`() throws {
        var scenario = try Scenario(orders: [1, 2])
        try scenario.prepare()
        scenario.wait(999)
        #expect(try scenario.apply(.deadline).isEmpty)
        scenario.wait(1)
        #expect(throws: TransitionError(code: .deadlinePassed, status: .sent)) { try scenario.submit(0) }
        let effects = try scenario.apply(.deadline)
        #expect(effects.announced == [.envelopeExpired])
        #expect(effects.notified == [.expired])
        #expect(scenario.envelope.requests.map(\.status) == [.expired, .expired])
    }

    @Test func `a submission accepted before the deadline is finished first`() throws {
        var scenario = try Scenario(orders: [1, 2])
        try scenario.prepare()
        try scenario.submit(0)
        scenario.wait(5000)
        #expect(try scenario.apply(.deadline).isEmpty)
        try scenario.finishJobs()
        #expect(scenario.status(0) == .signed)
        try scenario.apply(.deadline)
        #expect(scenario.envelope.status == .expired)
        #expect(scenario.envelope.requests.map(\.status) == [.signed, .expired])
    }

    @Test func `a resend supersedes the old link and can be repeated`() throws {
        var scenario = try Scenario()
        try scenario.prepare()
        let request = scenario.request(0)
        #expect(try scenario.apply(.resend(request, generation: 2)).notified == [.signingRequest])
        #expect(try scenario.apply(.resend(request, generation: 2)).isEmpty)
        #expect(throws: TransitionError(code: .unknownLink, status: .sent)) {
            try scenario.apply(.resend(request, generation: 4))
        }
        #expect(throws: TransitionError(code: .supersededLink, status: .sent)) {
            try scenario.apply(.view(request, generation: 1))
        }
        #expect(try scenario.apply(.delivery(request, generation: 1, .signingRequest, .bounced, reason: "x")).isEmpty)
        try scenario.sign(0)
        #expect(scenario.envelope.status == .completed)
    }

    @Test func `WF-14: mail outcomes in any order never set a status back`() throws {
        var scenario = try Scenario()
        try scenario.prepare()
        let request = scenario.request(0)
        try scenario.apply(.view(request, generation: 1))
        #expect(
            try scenario.apply(.delivery(request, generation: 1, .signingRequest, .accepted, reason: nil)).announced
                == [.recipientNotified])
        #expect(scenario.status(0) == .viewed)
        #expect(try scenario.apply(.delivery(request, generation: 1, .signingRequest, .accepted, reason: nil)).isEmpty)
        let bounce = try scenario.apply(
            .delivery(request, generation: 1, .signingRequest, .bounced, reason: "smtp_550"))
        #expect(bounce.announced == [.recipientDeliveryFailed])
        #expect(scenario.envelope.requests[0].deliveryReason == "smtp_550")
    }

    @Test func `each announced change is counted`() throws {
        var scenario = try Scenario(orders: [1, 2])
        var count = 0
        func check() {
            count += scenario.effects.announced.count
            #expect(scenario.envelope.sequence == Int64(count))
        }
        try scenario.prepare()
        check()
        #expect(count == 3)
        try scenario.submit(0)
        check()
        try scenario.finishJobs()
        check()
        #expect(count == 6)
    }

    @Test func `a draft without document or signer, below order 1 or with a repeated key is refused`() throws {
        let ids = IDSource.sequential(seed: 9)
        let bad = [
            Scenario.draft(orders: [], copies: 1, ids: ids), Scenario.draft(orders: [0], ids: ids),
            Scenario.draft(orders: [1], documents: 0, ids: ids),
        ]
        for draft in bad {
            #expect(throws: TransitionError(code: .invalidDraft, status: .draft)) {
                try Envelope.create(
                    draft, policy: Scenario.policy(.basic), retentionClass: "default_7y", correlationID: "c",
                    at: Scenario.start, ids: ids)
            }
        }
    }

    @Test func `the state survives its text form, which leaves out the draft`() throws {
        var scenario = try Scenario(orders: [1, 2], copies: 1)
        try scenario.prepare()
        try scenario.submit(0)
        scenario.envelope.note(AuditPosition(producer: "intake", sequence: 4))
        scenario.envelope.note(AuditPosition(producer: "intake", sequence: 2))
        let text = try JSONTextEncoder.encode(scenario.envelope)
        let read = try JSONDecoder().decode(Envelope.self, from: Data(text), configuration: scenario.envelope.draft)
        #expect(read == scenario.envelope)
        #expect(!String(decoding: text, as: UTF8.self).contains(scenario.envelope.draft.recipients[0].email))
        #expect(scenario.envelope.auditPositions == [AuditPosition(producer: "intake", sequence: 4)])
    }
}
