// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Cryptography
package import Envelopes

/// Replays an exported chain and names the first link that does not hold.
package enum ChainVerifier {
    /// The result of a replay.
    package enum Verdict: Sendable, Hashable {
        /// Every link holds; the head and count are as exported.
        case intact(events: Int64, head: ContentDigest)
        case broken(ChainBreak)
    }

    /// Checks numbers, subjects, producers' sequences, digests of sealed data, links and the head, in that order.
    package static func verify(_ export: AuditExport) -> Verdict {
        var chain = HashChain(genesis: export.genesis)
        var sequences: [String: Int64] = [:]
        for entry in export.entries {
            let number = chain.count + 1
            func broken(_ reason: ChainBreak.Reason) -> Verdict { .broken(ChainBreak(number: number, reason: reason)) }
            guard entry.number == number else { return broken(.number(found: entry.number)) }
            guard belongs(entry.event, to: export.genesis) else { return broken(.foreignEvent) }
            guard let producer = entry.event["producer"]?.stringValue,
                let sequence = entry.event["producer_seq"]?.intValue
            else { return broken(.malformedEvent) }
            let next = sequences[producer].map { $0 + 1 } ?? firstSequence(in: export.genesis)
            let expected = producer == ChainedEvent.chainOwner ? number : next
            if let expected, Int64(sequence) != expected { return broken(.producerSequence) }
            sequences[producer] = Int64(sequence)
            guard isSealed(entry) else { return broken(.personalDigest) }
            guard entry.previousHash == chain.head else { return broken(.previousHash) }
            let hash = chain.append(canonicalEvent: entry.event.canonicalBytes())
            guard entry.hash == hash else { return broken(.hash) }
        }
        guard export.count == chain.count, export.head == chain.head else {
            return .broken(ChainBreak(number: chain.count + 1, reason: .head))
        }
        return .intact(events: chain.count, head: chain.head)
    }

    /// An envelope's chain holds its producers' whole streams; the others go on from the month before.
    private static func firstSequence(in genesis: ChainGenesis) -> Int64? {
        genesis.subjectKind == .envelope ? 1 : nil
    }

    private static func belongs(_ event: JSONValue, to genesis: ChainGenesis) -> Bool {
        guard event["subject"]?["kind"]?.stringValue == genesis.subjectKind.rawValue else { return false }
        switch genesis.subjectKind {
        case .system: return true
        case .tenant: return event["tenant_id"]?.stringValue == genesis.tenantID.description
        case .envelope:
            return event["tenant_id"]?.stringValue == genesis.tenantID.description
                && event["subject"]?["id"]?.stringValue == genesis.chainID.text
        }
    }

    /// A ciphertext that is present must be the one that was hashed; one that was destroyed is no fault.
    private static func isSealed(_ entry: AuditExportEntry) -> Bool {
        guard let ciphertext = entry.personalCiphertext else { return true }
        return entry.event["personal_sha256"]?.stringValue == Hex.encode(SHA256.digest(of: ciphertext))
    }
}

/// Where a chain breaks, and how it shows.
package struct ChainBreak: Sendable, Hashable, CustomStringConvertible {
    /// The number of the first link that does not hold.
    package let number: Int64
    package let reason: Reason

    package init(number: Int64, reason: Reason) {
        self.number = number
        self.reason = reason
    }

    /// How the break shows.
    package enum Reason: Sendable, Hashable {
        /// An event is missing, added or moved.
        case number(found: Int64)
        /// The event speaks about another envelope or tenant.
        case foreignEvent
        case malformedEvent
        /// A producer's sequence has a hole, repeats or goes back.
        case producerSequence
        /// The sealed personal data is not what was hashed.
        case personalDigest
        case previousHash
        /// The event's content is not what was hashed.
        case hash
        /// The end is cut off, or the head is not the chain's.
        case head
    }

    /// One sentence for a person.
    package var description: String {
        switch reason {
        case .number(let found): "link \(number) is missing: link \(found) stands in its place"
        case .foreignEvent: "link \(number) belongs to another chain"
        case .malformedEvent: "link \(number) lacks its producer or the producer's sequence"
        case .producerSequence:
            "link \(number) does not continue its producer's sequence: an event is missing or repeated"
        case .personalDigest: "link \(number) carries sealed personal data that is not what was recorded"
        case .previousHash: "link \(number) does not follow link \(number - 1)"
        case .hash: "link \(number) was changed after it was recorded"
        case .head: "the chain ends before link \(number), or its head was replaced"
        }
    }
}
