// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Contracts
import Envelopes
import Foundation
import HTTPClient
import Keys
import Logging
import Messaging
import Postgres
import ServiceAPI
import TestSupport
import Testing
import Tracing

@testable import Intake

struct RecentEnvelopesTests {
    @Test func `a remembered link shows what another process wrote, never an older state`() async throws {
        try await IntakeFixture.run { intake in
            let stage = try await SigningStage.open(intake)
            let store = intake.context.store
            let token = store.linkKey.token(request: stage.request.uuid, generation: 1)
            #expect(store.recent.find(token) != nil)
            #expect(try await store.signingState(token: token)?.link.sequence == 1)
            let other = IntakeStore(pool: store.pool, linkKey: store.linkKey)
            try await stage.move(2, .inProgress, .viewed, store: other, waiters: EnvelopeWaiters())
            let state = try #require(try await store.signingState(token: token))
            #expect(state.link.sequence == 2)
            #expect(state.status == .viewed)
            #expect(state.link.draft == stage.draft)
            #expect(store.recent.find(token)?.1.sequence == 2)
            // The other process never saw the link.
            let read = try #require(try await other.signingState(token: token))
            #expect(read.link.snapshot == state.link.snapshot)
            #expect(read.link.pages == state.link.pages)
            let old = DecodedEnvelope(
                draft: stage.draft, pages: read.link.pages, sequence: 1, snapshot: read.link.snapshot)
            store.recent.keep(old, links: [:])
            #expect(store.recent.find(token)?.1.sequence == 2)
        }
    }

    @Test func `what a recipient did by one link is seen at once by every process`() async throws {
        try await IntakeFixture.run { intake in
            let stage = try await SigningStage.open(intake)
            let store = intake.context.store
            let token = store.linkKey.token(request: stage.request.uuid, generation: 1)
            let other = IntakeStore(pool: store.pool, linkKey: store.linkKey)
            #expect(try await other.signingState(token: token)?.acts == [])
            #expect(try await stage.post("/view", [:]).status == 200)
            #expect(try await other.signingState(token: token)?.acts == [.view])
            #expect(try await store.signingState(token: token)?.acts == [.view])
        }
    }

    @Test func `API-04: who waits hears of a signature that another process put into the read model`() async throws {
        try await IntakeFixture.run { intake in
            let stage = try await SigningStage.open(intake)
            async let answer = stage.post("/fields", stage.submission())
            try await eventually { try await stage.said().contains("SubmitFieldsV1") }
            let other = IntakeStore(pool: intake.backbone.pool, linkKey: intake.context.store.linkKey)
            try await stage.move(
                2, .inProgress, .signed, signedAt: IntakeFixture.start, store: other, waiters: EnvelopeWaiters())
            #expect(try await answer.json["status"] == "signed")
        }
    }

    @Test func `only an awaited move wakes`() async throws {
        let snapshot = try SigningSample.state().link.snapshot
        let waiters = EnvelopeWaiters()
        let watch = waiters.watch(snapshot.envelopeID) { $0.sequence >= 4 }
        waiters.changed([EnvelopeMove(sequence: 3, snapshot: snapshot)])
        #expect(await watch.move(within: .zero) == nil)
        async let move = watch.move(within: .seconds(60))
        waiters.changed([EnvelopeMove(sequence: 4, snapshot: snapshot)])
        #expect(await move?.sequence == 4)
        waiters.end(watch)
        waiters.changed([EnvelopeMove(sequence: 5, snapshot: snapshot)])
        #expect(await watch.move(within: .zero) == nil)
    }

    // MARK: Groups

    @Test func `of many equal acts at once one is first, and each is said in the trace of its own request`()
        async throws
    {
        try await IntakeFixture.run { intake in
            let stages = [try await SigningStage.open(intake), try await SigningStage.open(intake)]
            let store = RecipientActStore(pool: intake.backbone.pool, outbox: intake.context.outbox)
            var firsts: Set<String?> = []
            for stage in stages {
                let token = intake.context.store.linkKey.token(request: stage.request.uuid, generation: 1)
                let link = try #require(try await intake.context.store.signingState(token: token)?.link)
                let found = try await withThrowingTaskGroup(
                    of: (RecipientActStore.Acceptance, CorrelationID).self
                ) { group in
                    for number in 0..<40 {
                        group.addTask {
                            let id = CorrelationID(UUID())
                            let scope = TraceScope(correlationID: id, traceContext: .root())
                            // Every fourth wants something else.
                            let digest: [UInt8] = number % 4 == 3 ? [2] : [1]
                            let message = OutgoingMessage(
                                topic: .envelopeCommands, key: link.envelopeID.uuid, type: "Said",
                                tenantID: link.tenantID.uuid, payload: digest)
                            let acceptance = try await Trace.$current.withValue(scope) {
                                try await store.accept(
                                    .view, of: link, digest: digest, at: IntakeFixture.start,
                                    saying: Act(messages: [message]))
                            }
                            return (acceptance, id)
                        }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                let first = found.filter { $0.0 == .first }
                #expect(first.count == 1)
                firsts.insert(first.first?.1.text)
                let repeated = found.filter { $0.0 == .repeated }.count
                #expect([9, 29].contains(repeated))
                let different = found.filter { $0.0 == .different }.count
                #expect(different == 39 - repeated)
            }
            let rows = try await intake.backbone.pool.execute(
                PostgresStatement("select correlation_id from outbox where type = 'Said'")
            ).rows
            let written = Set(try rows.map { try $0.stringOrNil(0) })
            #expect(written == firsts)
            #expect(rows.count == 2)
        }
    }

    @Test func `API-01: creations at the same time each have their own envelope, links and answer`() async throws {
        try await IntakeFixture.run { intake in
            let answers = try await withThrowingTaskGroup(of: (String, HTTPClientResponse).self) { group in
                for number in 0..<12 {
                    group.addTask {
                        let title = "Offer \(number)"
                        let answer = try await intake.create(IntakeFixture.draft { $0["title"] = .string(title) })
                        return (title, answer)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            for (title, answer) in answers {
                #expect(answer.status == 201)
                #expect(answer.json["title"] == .string(title))
                let id = try #require(answer.json["document_id"]?.stringValue)
                #expect(try await intake.get("/v1/documents/\(id)").body == answer.body)
            }
            let links = try await intake.backbone.pool.execute(
                PostgresStatement(
                    "select count(*), count(distinct envelope_id) from signing_links join envelopes using (envelope_id)"
                ))
            #expect(try links.rows[0].int(0) == 24)
            #expect(try links.rows[0].int(1) == 12)
            #expect(try await intake.outbox(type: CreateEnvelopeV1.messageType).count == 12)
        }
    }

    // MARK: Pruning

    @Test func `an upload whose time is over is deleted, another one stays`() async throws {
        try await IntakeFixture.run { intake in
            func upload() async throws {
                let answer = try await intake.send(
                    "POST", "/v1/uploads", key: UUID().uuidString, type: "application/pdf", body: SampleFile.onePage)
                #expect(answer.status == 201)
            }
            let pruner = UploadPruner(pool: intake.backbone.pool, clock: intake.clock.clock, logger: .disabled)
            try await upload()
            intake.clock.advance(bySeconds: Limits.uploadSeconds - 1)
            try await upload()
            #expect(try await pruner.prune() == 0)
            intake.clock.advance(bySeconds: 1)
            #expect(try await pruner.prune() == 1)
            #expect(try await pruner.prune() == 0)
        }
    }
}
