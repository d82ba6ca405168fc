// SPDX-License-Identifier: Apache-2.0
package import ByteCoding
package import Envelopes

/// An exported chain, format `paraph-audit/1`: everything that a check needs, without us and without a network.
package struct AuditExport: Sendable, Hashable {
    /// Names the format and its version.
    package static let format = "paraph-audit/1"

    package let genesis: ChainGenesis
    package let entries: [AuditExportEntry]
    /// What the exporter says the last hash is; a cut tail shows here.
    package let head: ContentDigest
    /// The number of events that the exporter says the chain has.
    package let count: Int64

    package init(genesis: ChainGenesis, entries: [AuditExportEntry], head: ContentDigest, count: Int64) {
        self.genesis = genesis
        self.entries = entries
        self.head = head
        self.count = count
    }

    /// The document that `/audit` answers and `paraph verify --audit` reads.
    package var json: JSONValue {
        .object([
            "format": .string(Self.format),
            "hash": "SHA-256",
            "domain": .string(HashChain.domain),
            "genesis": genesis.json,
            "events": .array(entries.map(\.json)),
            "head": .object(["n": .integer(count), "hash": .string(head.hex)]),
        ])
    }

    /// Reads an exported document.
    ///
    /// - Throws: `AuditExportError` that names the first member which is missing or malformed.
    package init(json: JSONValue) throws(AuditExportError) {
        guard let format = json["format"]?.stringValue else { throw .malformed("/format") }
        guard format == Self.format else { throw .unknownFormat }
        guard let genesis = json["genesis"].flatMap(ChainGenesis.init(json:)) else { throw .malformed("/genesis") }
        guard let events = json["events"]?.arrayValue else { throw .malformed("/events") }
        var entries: [AuditExportEntry] = []
        entries.reserveCapacity(events.count)
        for (index, event) in events.enumerated() {
            guard let entry = AuditExportEntry(json: event) else { throw .malformed("/events/\(index)") }
            entries.append(entry)
        }
        guard let count = json["head"]?["n"]?.intValue else { throw .malformed("/head/n") }
        guard let head = json["head"]?["hash"]?.stringValue.flatMap({ ContentDigest(hex: $0) }) else {
            throw .malformed("/head/hash")
        }
        self.init(genesis: genesis, entries: entries, head: head, count: Int64(count))
    }
}

/// Why a document is not an audit export.
package enum AuditExportError: Error, Sendable, Hashable {
    /// The `format` is not one that this version reads.
    case unknownFormat
    /// The JSON pointer of the first bad member.
    case malformed(String)
}

/// One link of an exported chain.
package struct AuditExportEntry: Sendable, Hashable {
    /// The number of the link, from 1.
    package let number: Int64
    /// The hashed members exactly as they were hashed; members of later versions stay in place.
    package let event: JSONValue
    package let previousHash: ContentDigest
    package let hash: ContentDigest
    /// The sealed personal data, so that its digest can be checked; nil when there was none or it was destroyed.
    package let personalCiphertext: [UInt8]?
    /// The personal data in clear, for readers who may see it; not covered by the chain.
    package let personal: JSONValue?

    package init(
        number: Int64, event: JSONValue, previousHash: ContentDigest, hash: ContentDigest,
        personalCiphertext: [UInt8]? = nil, personal: JSONValue? = nil
    ) {
        self.number = number
        self.event = event
        self.previousHash = previousHash
        self.hash = hash
        self.personalCiphertext = personalCiphertext
        self.personal = personal
    }

    /// The entry as it stands in the document.
    package var json: JSONValue {
        var members: [String: JSONValue] = [
            "n": .integer(number), "event": event, "prev_hash": .string(previousHash.hex), "hash": .string(hash.hex),
        ]
        members["personal_sealed"] = personalCiphertext.map { .string(Base64URL.encode($0)) }
        members["personal"] = personal
        return .object(members)
    }

    init?(json: JSONValue) {
        guard let number = json["n"]?.intValue, let event = json["event"], event.objectValue != nil,
            let previous = json["prev_hash"]?.stringValue.flatMap({ ContentDigest(hex: $0) }),
            let hash = json["hash"]?.stringValue.flatMap({ ContentDigest(hex: $0) })
        else { return nil }
        var ciphertext: [UInt8]?
        if let text = json["personal_sealed"] {
            guard let bytes = text.stringValue.flatMap({ Base64URL.decode($0) }) else { return nil }
            ciphertext = bytes
        }
        self.init(
            number: Int64(number), event: event, previousHash: previous, hash: hash, personalCiphertext: ciphertext,
            personal: json["personal"])
    }
}
