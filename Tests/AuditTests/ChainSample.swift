// SPDX-License-Identifier: Apache-2.0
import Audit
import ByteCoding
import Clocks
import Cryptography
import Envelopes
import FoundationEssentials

/// A chain of an envelope written by two producers, with sealed personal data in every third event.
struct ChainSample {
    static let tenant = TenantID(id(1))
    static let envelope = EnvelopeID(id(2))
    static let start = Instant(microseconds: 1_795_176_000_000_000)
    static let genesis = ChainGenesis(
        tenantID: tenant, chainID: envelope.uuid, subjectKind: .envelope, startedAt: start, policyVersion: "builtin-1")

    static func export(events: Int) throws -> AuditExport {
        var chain = HashChain(genesis: genesis)
        var entries: [AuditExportEntry] = []
        for number in 0..<events {
            let ciphertext: [UInt8]? = number % 3 == 0 ? [UInt8](repeating: UInt8(number % 256), count: 40) : nil
            let event = ChainedEvent(
                fact: fact(number), producer: number % 2 == 0 ? "intake" : "orchestration",
                producerSequence: Int64(number / 2 + 1),
                personalSHA256: ciphertext.flatMap { ContentDigest(bytes: SHA256.digest(of: $0)) })
            let previous = chain.head
            let hash = chain.append(canonicalEvent: event.canonicalBytes())
            entries.append(
                AuditExportEntry(
                    number: chain.count, event: try event.parsed, previousHash: previous, hash: hash,
                    personalCiphertext: ciphertext))
        }
        return AuditExport(genesis: genesis, entries: entries, head: chain.head, count: chain.count)
    }

    static func fact(_ number: Int) -> AuditFact {
        AuditFact(
            eventID: id(UInt8(number % 200) + 10), tenantID: tenant, subject: .envelope(envelope),
            eventType: "recipient.viewed", actor: .recipient(RequestID(id(3))), requestID: RequestID(id(3)),
            occurredAt: start.advanced(bySeconds: Double(number)), correlationID: "corr-1",
            metadata: ["number": .integer(Int64(number))])
    }

    static func id(_ last: UInt8) -> UUID {
        UUID(uuid: (1, 0x98, 0, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, last))
    }
}

extension ChainedEvent {
    /// The event as it stands in exports.
    var parsed: JSONValue { get throws { try JSONValue(parsing: canonicalBytes()) } }
}
