// SPDX-License-Identifier: Apache-2.0
import Audit
import ByteCoding
import Clocks
import Cryptography
import Envelopes
import FoundationEssentials
import Testing

@Suite struct HashChainTests {
    @Test func `AUD-01: a link is the hash of domain, tenant, chain, number, previous link and event digest`() throws {
        var chain = HashChain(genesis: ChainSample.genesis)
        let genesis = ChainSample.genesis.json.canonicalBytes()
        let prefix = Array("paraph/envelope/v1".utf8) + [0] + ChainSample.tenant.bytes + ChainSample.envelope.bytes
        let zeroth = SHA256.digest(
            of: prefix + [0, 0, 0, 0, 0, 0, 0, 0] + [UInt8](repeating: 0, count: 32) + SHA256.digest(of: genesis))
        #expect(chain.head.bytes == zeroth)
        let event = Array("{}".utf8)
        let first = SHA256.digest(of: prefix + [0, 0, 0, 0, 0, 0, 0, 1] + zeroth + SHA256.digest(of: event))
        #expect(chain.append(canonicalEvent: event).bytes == first)
        #expect(chain.count == 1)
    }

    @Test func `the canonical bytes of an event never change`() throws {
        let policy = PolicyDecision(
            policyVersion: "builtin-1", signingMethod: .platformSeal, legalStandard: .click, authMethod: .emailLink,
            padesLevel: .basic)
        var fact = ChainSample.fact(1)
        fact = AuditFact(
            eventID: fact.eventID, tenantID: fact.tenantID, subject: fact.subject, eventType: "recipient.consented",
            outcome: .denied, reason: "already_signed", actor: fact.actor, documentID: DocumentID(ChainSample.id(4)),
            requestID: fact.requestID, artifactID: ArtifactID(ChainSample.id(5)),
            hashes: ["prepared_sha256": try #require(ContentDigest(bytes: [UInt8](repeating: 0xAB, count: 32)))],
            occurredAt: fact.occurredAt, correlationID: "corr-1", policy: policy, metadata: ["generation": 1])
        let event = ChainedEvent(
            fact: fact, producer: "orchestration", producerSequence: 7,
            personalSHA256: ContentDigest(bytes: [UInt8](repeating: 0xCD, count: 32)), isOutOfOrder: true)
        #expect(
            String(decoding: event.canonicalBytes(), as: UTF8.self) == """
                {"actor":{"id":"01980000-0000-7000-8000-000000000003","kind":"recipient"},\
                "artifact_id":"01980000-0000-7000-8000-000000000005","correlation_id":"corr-1",\
                "document_id":"01980000-0000-7000-8000-000000000004",\
                "event_id":"01980000-0000-7000-8000-00000000000b","event_type":"recipient.consented",\
                "hashes":{"prepared_sha256":"\(String(repeating: "ab", count: 32))"},"legal_standard":"click",\
                "metadata":{"generation":1},"occurred_at":"2026-11-20T12:00:01.000000Z","out_of_order":true,\
                "outcome":"denied","personal_sha256":"\(String(repeating: "cd", count: 32))",\
                "policy_version":"builtin-1","producer":"orchestration","producer_seq":7,"reason":"already_signed",\
                "request_id":"01980000-0000-7000-8000-000000000003","signing_method":"platform_seal",\
                "subject":{"id":"01980000-0000-7000-8000-000000000002","kind":"envelope"},\
                "tenant_id":"01980000-0000-7000-8000-000000000001"}
                """)
    }

    @Test(arguments: 0..<512)
    func `the canonical bytes of any event are what RFC 8785 makes of its members`(parts: Int) throws {
        func has(_ bit: Int) -> Bool { parts >> bit & 1 == 1 }
        let policy = PolicyDecision(
            policyVersion: "é\u{1}", signingMethod: .platformSeal, legalStandard: .click, authMethod: .emailLink,
            padesLevel: .basic)
        let sample = ChainSample.fact(1)
        let digest = try #require(ContentDigest(bytes: [UInt8](repeating: 7, count: 32)))
        let fact = AuditFact(
            eventID: sample.eventID, tenantID: sample.tenantID,
            subject: has(0) ? .envelope(ChainSample.envelope) : has(1) ? .tenant : .system, eventType: "x.y",
            outcome: has(2) ? .failed : .done, reason: has(2) ? "why \"so\"" : nil, actor: .system("signer"),
            documentID: has(3) ? DocumentID(ChainSample.id(4)) : nil, requestID: has(4) ? sample.requestID : nil,
            artifactID: has(5) ? ArtifactID(ChainSample.id(5)) : nil,
            hashes: has(6) ? ["b_sha256": digest, "a_sha256": digest] : [:], occurredAt: sample.occurredAt,
            correlationID: "c/1", policy: has(7) ? policy : nil, metadata: has(8) ? ["z": 1.5, "\u{1F600}": []] : [:])
        let event = ChainedEvent(
            fact: fact, producer: "signing", producerSequence: .max, personalSHA256: has(1) ? digest : nil,
            isOutOfOrder: has(3))
        let bytes = event.canonicalBytes()
        let value = try JSONValue(parsing: bytes)
        #expect(value.canonicalBytes() == bytes)
        let always: Set<String> = [
            "actor", "correlation_id", "event_id", "event_type", "occurred_at", "outcome", "producer", "producer_seq",
            "subject", "tenant_id",
        ]
        let sometimes: [(Bool, [String])] = [
            (has(1), ["personal_sha256"]), (has(2), ["reason"]), (has(3), ["document_id", "out_of_order"]),
            (has(4), ["request_id"]), (has(5), ["artifact_id"]), (has(6), ["hashes"]),
            (has(7), ["policy_version", "signing_method", "legal_standard"]), (has(8), ["metadata"]),
        ]
        let members = sometimes.filter(\.0).reduce(into: always) { $0.formUnion($1.1) }
        #expect(value.objectValue.map { Set($0.keys) } == members)
    }

    @Test func `the genesis binds tenant, subject, start, policy and the month before`() throws {
        let base = ChainSample.genesis
        let head = try #require(ContentDigest(bytes: [UInt8](repeating: 9, count: 32)))
        let others = [
            ChainGenesis(
                tenantID: TenantID(ChainSample.id(9)), chainID: base.chainID, subjectKind: .envelope,
                startedAt: base.startedAt, policyVersion: base.policyVersion),
            ChainGenesis(
                tenantID: base.tenantID, chainID: ChainSample.id(9), subjectKind: .envelope, startedAt: base.startedAt,
                policyVersion: base.policyVersion),
            ChainGenesis(
                tenantID: base.tenantID, chainID: base.chainID, subjectKind: .tenant, startedAt: base.startedAt,
                policyVersion: base.policyVersion),
            ChainGenesis(
                tenantID: base.tenantID, chainID: base.chainID, subjectKind: .envelope,
                startedAt: base.startedAt.advanced(bySeconds: 1), policyVersion: base.policyVersion),
            ChainGenesis(
                tenantID: base.tenantID, chainID: base.chainID, subjectKind: .envelope, startedAt: base.startedAt,
                policyVersion: "other"),
            ChainGenesis(
                tenantID: base.tenantID, chainID: base.chainID, subjectKind: .envelope, startedAt: base.startedAt,
                policyVersion: base.policyVersion, previousHead: head),
        ]
        #expect(Set((others + [base]).map { HashChain(genesis: $0).head }).count == 7)
        for genesis in others { #expect(ChainGenesis(json: genesis.json) == genesis) }
    }

    @Test func `a chain goes on from its stored head`() throws {
        let export = try ChainSample.export(events: 5)
        let middle = export.entries[2]
        var resumed = HashChain(
            tenantID: ChainSample.tenant, chainID: ChainSample.envelope.uuid, count: middle.number, head: middle.hash)
        for entry in export.entries[3...] { resumed.append(canonicalEvent: entry.event.canonicalBytes()) }
        #expect(resumed.head == export.head)
        #expect(resumed.count == export.count)
    }
}
