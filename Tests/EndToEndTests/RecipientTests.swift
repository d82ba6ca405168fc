// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Foundation
import SystemDriver
import Testing

extension EndToEndTests {
    /// What recipients and senders do beyond signing in turn.
    @Suite struct Recipients {
        private static let offer = OfferDocument(number: 11).bytes

        @Test func `WF-03: two parallel recipients open together and both signatures stand`() async throws {
            let flow = try await SharedSystem.flow()
            let created = try await flow.send(
                EnvelopePlan(title: "Parallel", signers: SignerPlan.parallel), file: Self.offer)
            async let first = flow.visit(created.requestID(of: "employee"))
            async let second = flow.visit(created.requestID(of: "manager"))
            let visits = try await [first, second]
            async let signedFirst: Void = visits[0].sign()
            async let signedSecond: Void = visits[1].sign()
            _ = try await (signedFirst, signedSecond)
            try await flow.client.wait(for: "completed", of: created.documentID)
            let folder = try Tool.scratchFolder("parallel")
            defer { try? FileManager.default.removeItem(at: folder) }
            let file = folder.appendingPathComponent("signed.pdf")
            try Data(try await flow.client.download(created.documentID).body).write(to: file)
            let faults = try await PDFJudges.faults(of: file, signatures: 2)
            #expect(faults == [])
        }

        @Test func `WF-04: ten looks of a mail scanner leave no view, the person's opening leaves one`() async throws {
            let flow = try await SharedSystem.flow()
            let created = try await flow.send(EnvelopePlan(title: "Scanned", signers: SignerPlan.one), file: Self.offer)
            let visit = try await flow.visit(created.signers[0].requestID)
            // The mail is there before its outcome is.
            try await visit.wait(for: "notified")
            for _ in 0..<10 { #expect(try await visit.page()["status"]?.stringValue == "notified") }
            try await visit.sign()
            let trail = try await flow.trail(of: created.documentID, until: "envelope.completed")
            #expect(trail.count { $0 == "recipient.viewed" } == 1, "\(trail)")
        }

        @Test func `WF-18: a declined envelope ends for everybody`() async throws {
            let flow = try await SharedSystem.flow()
            let created = try await flow.send(
                EnvelopePlan(title: "Declined", signers: SignerPlan.parallel), file: Self.offer)
            let visit = try await flow.visit(created.requestID(of: "employee"))
            let other = try await flow.visit(created.requestID(of: "manager"))
            #expect(try await visit.decline(reason: "Not for me").status == 200)
            try await flow.client.wait(for: "declined", of: created.documentID)
            let answer = try await other.page()
            #expect(answer.status == 410 && answer.code == "envelope_declined", "\(answer.summary)")
            #expect(try await flow.client.download(created.documentID).code == "not_completed")
        }

        @Test func `WF-18: a voided envelope's link answers 410`() async throws {
            let flow = try await SharedSystem.flow()
            let created = try await flow.send(EnvelopePlan(title: "Voided", signers: SignerPlan.one), file: Self.offer)
            let visit = try await flow.visit(created.signers[0].requestID)
            let page = try await visit.page()
            let answer = try await flow.client.void(created.envelopeID, reason: "Wrong version")
            #expect(answer.status == 202, "\(answer.summary)")
            try await flow.client.wait(for: "voided", of: created.documentID)
            let gone = try await visit.page()
            #expect(gone.status == 410 && gone.code == "envelope_voided", "\(gone.summary)")
            let refused = try await visit.submit(SigningVisit.agreement(to: page.json))
            #expect(refused.status == 410, "\(refused.summary)")
        }

        @Test func `WF-04: a link sent again replaces the older one`() async throws {
            let flow = try await SharedSystem.flow()
            let created = try await flow.send(
                EnvelopePlan(title: "Sent again", signers: SignerPlan.one), file: Self.offer)
            let request = created.signers[0].requestID
            let old = try await flow.visit(request)
            #expect(try await old.page().status == 200)
            let answer = try await flow.client.resend(created.envelopeID, request: request)
            #expect(answer.status == 202, "\(answer.summary)")
            let new = try await flow.visit(request, generation: 2)
            #expect(try await new.page().status == 200)
            let refused = try await old.page()
            #expect(refused.status == 410 && refused.code == "link_superseded", "\(refused.summary)")
            try await new.sign()
            try await flow.client.wait(for: "completed", of: created.documentID)
        }

        @Test func `WF-06: an envelope expires at its end date`() async throws {
            let folder = try Tool.scratchFolder("clock")
            defer { try? FileManager.default.removeItem(at: folder) }
            let clock = folder.appendingPathComponent("offset")
            try "0".write(to: clock, atomically: false, encoding: .utf8)
            var options = try EndToEndTests.options()
            options.environment = ["PARAPH_TEST_CLOCK_FILE": clock.path]
            let system = try await RunningSystem.start(options)
            do {
                let flow = EnvelopeFlow(client: try system.client(), mails: system.mails)
                var plan = EnvelopePlan(title: "Short", signers: SignerPlan.one)
                plan.extra["expires_at"] = .string(Date.now.addingTimeInterval(3600).ISO8601Format())
                let created = try await flow.send(plan, file: Self.offer)
                let visit = try await flow.visit(created.signers[0].requestID)
                #expect(try await visit.page().status == 200)
                try "3700".write(to: clock, atomically: false, encoding: .utf8)
                try await flow.client.wait(for: "expired", of: created.documentID)
                let answer = try await visit.page()
                #expect(answer.status == 410 && answer.code == "envelope_expired", "\(answer.summary)")
            } catch {
                await system.stop()
                throw error
            }
            await system.stop()
        }

        @Test func `SIG-05: form fields are filled with the signature and drafts wait for send`() async throws {
            let flow = try await SharedSystem.flow()
            var plan = EnvelopePlan(title: "Form", signers: SignerPlan.one)
            plan.sends = false
            plan.signers[0].fields += [
                SignerPlan.field("place", type: "text", x: 24, y: 90, width: 160, height: 18),
                SignerPlan.field("agreed", type: "checkbox", x: 24, y: 120, width: 14, height: 14),
                SignerPlan.field("day", type: "date", x: 24, y: 150, width: 100, height: 18),
            ]
            let created = try await flow.send(plan, file: Self.offer)
            #expect(try await flow.client.document(created.documentID)["status"]?.stringValue == "draft")
            let sent = try await flow.client.call(
                "POST", "/v1/envelopes/\(created.envelopeID)/send", key: UUID().uuidString.lowercased(),
                body: Array("{}".utf8))
            #expect(sent.status == 202, "\(sent.summary)")
            let visit = try await flow.visit(created.signers[0].requestID)
            let page = try await visit.page()
            let missing = try await visit.submit(SigningVisit.agreement(to: page.json))
            #expect(missing.status == 422 && missing.code == "field_required", "\(missing.summary)")
            try await visit.sign(values: [
                ["key": "place", "value": "Zürich"], ["key": "agreed", "value": true],
                ["key": "day", "value": "2026-11-20"],
            ])
            try await flow.client.wait(for: "completed", of: created.documentID)
            let folder = try Tool.scratchFolder("form")
            defer { try? FileManager.default.removeItem(at: folder) }
            let file = folder.appendingPathComponent("signed.pdf")
            try Data(try await flow.client.download(created.documentID).body).write(to: file)
            let faults = try await PDFJudges.faults(of: file, signatures: 1)
            #expect(faults == [])
        }
    }
}
