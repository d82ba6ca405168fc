// SPDX-License-Identifier: Apache-2.0
import Audit
import ByteCoding
import Clocks
import Cryptography
import Envelopes
import Testing

@Suite struct ChainVerifierTests {
    @Test func `AUD-02: an untouched export is intact, also after a trip through its text`() throws {
        for count in [0, 1, 2, 50] {
            let export = try ChainSample.export(events: count)
            #expect(ChainVerifier.verify(export) == .intact(events: Int64(count), head: export.head))
            let text = try JSONValue(parsing: export.json.canonicalBytes())
            #expect(try AuditExport(json: text) == export)
        }
    }

    @Test func `AUD-02: the first broken link is named, whatever was done to it`() throws {
        let export = try ChainSample.export(events: 20)
        for index in 0..<20 {
            let number = Int64(index + 1)
            #expect(broken(export) { $0[index] = changed($0[index]) } == number)
            #expect(broken(export) { $0[index] = rehashed($0[index]) } == number)
            #expect(broken(export) { $0.remove(at: index) } == number)
            #expect(broken(export) { $0.insert($0[index], at: index) } == number + 1)
            if index < 19 { #expect(broken(export) { $0.swapAt(index, index + 1) } == number) }
            #expect(broken(export) { $0.removeLast(20 - index) } == number)
        }
    }

    @Test func `a forger who hashes the whole tail again is found by the head`() throws {
        let export = try ChainSample.export(events: 10)
        var chain = HashChain(genesis: export.genesis)
        var entries: [AuditExportEntry] = []
        for (index, entry) in export.entries.enumerated() {
            let event = index == 4 ? changed(entry).event : entry.event
            let previous = chain.head
            let hash = chain.append(canonicalEvent: event.canonicalBytes())
            entries.append(
                AuditExportEntry(number: entry.number, event: event, previousHash: previous, hash: hash))
        }
        let forged = AuditExport(genesis: export.genesis, entries: entries, head: export.head, count: export.count)
        #expect(ChainVerifier.verify(forged) == .broken(ChainBreak(number: 11, reason: .head)))
    }

    @Test func `AUD-17: destroyed personal data leaves the chain whole, exchanged data does not`() throws {
        let export = try ChainSample.export(events: 7)
        let erased = with(export) { entries in
            for index in entries.indices {
                entries[index] = copy(entries[index], ciphertext: nil)
            }
        }
        #expect(ChainVerifier.verify(erased) == .intact(events: 7, head: export.head))
        let exchanged = with(export) { $0[3] = copy($0[3], ciphertext: [1, 2, 3]) }
        #expect(ChainVerifier.verify(exchanged) == .broken(ChainBreak(number: 4, reason: .personalDigest)))
    }

    @Test func `another envelope's chain, a hole in a producer's sequence and a foreign genesis are found`() throws {
        let export = try ChainSample.export(events: 6)
        let foreign = ChainGenesis(
            tenantID: ChainSample.tenant, chainID: ChainSample.id(99), subjectKind: .envelope,
            startedAt: ChainSample.start, policyVersion: "builtin-1")
        let moved = AuditExport(genesis: foreign, entries: export.entries, head: export.head, count: export.count)
        #expect(ChainVerifier.verify(moved) == .broken(ChainBreak(number: 1, reason: .foreignEvent)))

        var chain = HashChain(genesis: export.genesis)
        let event = ChainedEvent(
            fact: ChainSample.fact(0), producer: "intake", producerSequence: 2, personalSHA256: nil)
        let previous = chain.head
        let hash = chain.append(canonicalEvent: event.canonicalBytes())
        let entry = AuditExportEntry(number: 1, event: try event.parsed, previousHash: previous, hash: hash)
        let hole = AuditExport(genesis: export.genesis, entries: [entry], head: hash, count: 1)
        #expect(ChainVerifier.verify(hole) == .broken(ChainBreak(number: 1, reason: .producerSequence)))
    }

    @Test func `the chain keeper's own events are numbered by their place`() throws {
        for (sequence, isIntact) in [(Int64(3), true), (2, false), (1, false)] {
            let export = try ChainSample.export(events: 2)
            var chain = HashChain(
                tenantID: ChainSample.tenant, chainID: ChainSample.envelope.uuid, count: export.count, head: export.head
            )
            let event = ChainedEvent(
                fact: ChainSample.fact(3), producer: ChainedEvent.chainOwner, producerSequence: sequence,
                personalSHA256: nil)
            let hash = chain.append(canonicalEvent: event.canonicalBytes())
            let entry = AuditExportEntry(number: 3, event: try event.parsed, previousHash: export.head, hash: hash)
            let longer = AuditExport(
                genesis: export.genesis, entries: export.entries + [entry], head: hash, count: chain.count)
            let verdict = ChainVerifier.verify(longer)
            #expect(
                verdict
                    == (isIntact
                        ? .intact(events: 3, head: hash)
                        : .broken(ChainBreak(number: 3, reason: .producerSequence))))
        }
    }

    @Test func `a document that is no export is refused with the place of its fault`() throws {
        let good = try ChainSample.export(events: 2).json
        #expect(throws: AuditExportError.malformed("/format")) { try AuditExport(json: [:]) }
        #expect(throws: AuditExportError.unknownFormat) { try AuditExport(json: ["format": "paraph-audit/9"]) }
        for (member, pointer) in [("genesis", "/genesis"), ("events", "/events"), ("head", "/head/n")] {
            var members = try #require(good.objectValue)
            members[member] = nil
            #expect(throws: AuditExportError.malformed(pointer)) { try AuditExport(json: .object(members)) }
        }
        var members = try #require(good.objectValue)
        members["events"] = [["n": 1]]
        #expect(throws: AuditExportError.malformed("/events/0")) { try AuditExport(json: .object(members)) }
    }

    private func broken(_ export: AuditExport, _ change: (inout [AuditExportEntry]) -> Void) -> Int64? {
        if case .broken(let found) = ChainVerifier.verify(with(export, change)) { found.number } else { nil }
    }

    private func with(_ export: AuditExport, _ change: (inout [AuditExportEntry]) -> Void) -> AuditExport {
        var entries = export.entries
        change(&entries)
        return AuditExport(genesis: export.genesis, entries: entries, head: export.head, count: export.count)
    }

    private func changed(_ entry: AuditExportEntry) -> AuditExportEntry {
        var members = entry.event.objectValue ?? [:]
        members["outcome"] = "failed"
        return AuditExportEntry(
            number: entry.number, event: .object(members), previousHash: entry.previousHash, hash: entry.hash,
            personalCiphertext: entry.personalCiphertext)
    }

    private func rehashed(_ entry: AuditExportEntry) -> AuditExportEntry {
        AuditExportEntry(
            number: entry.number, event: entry.event, previousHash: entry.previousHash, hash: entry.previousHash,
            personalCiphertext: entry.personalCiphertext)
    }

    private func copy(_ entry: AuditExportEntry, ciphertext: [UInt8]?) -> AuditExportEntry {
        AuditExportEntry(
            number: entry.number, event: entry.event, previousHash: entry.previousHash, hash: entry.hash,
            personalCiphertext: ciphertext)
    }
}
