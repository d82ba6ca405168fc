// SPDX-License-Identifier: Apache-2.0
import Audit
import ByteCoding
import Clocks
import Envelopes
import Foundation
import Testing

@testable import CLI

@Suite struct VerifyCommandTests {
    private func withFile(_ bytes: [UInt8], _ body: (String) async throws -> Void) async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("paraph-cli-\(UUID())").path
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await body(path)
    }

    private func export(_ count: Int) throws -> AuditExport {
        let tenant = TenantID(UUID())
        let envelope = EnvelopeID(UUID())
        let start = Instant(microseconds: 1_795_176_000_000_000)
        let genesis = ChainGenesis(
            tenantID: tenant, chainID: envelope.uuid, subjectKind: .envelope, startedAt: start, policyVersion: "1")
        var chain = HashChain(genesis: genesis)
        var entries: [AuditExportEntry] = []
        for number in 1...count {
            let fact = AuditFact(
                eventID: UUID(), tenantID: tenant, subject: .envelope(envelope), eventType: "envelope.sent",
                actor: .system("test"), occurredAt: start, correlationID: "corr-1")
            let event = ChainedEvent(
                fact: fact, producer: "intake", producerSequence: Int64(number), personalSHA256: nil)
            let previous = chain.head
            let hash = chain.append(canonicalEvent: event.canonicalBytes())
            entries.append(
                AuditExportEntry(
                    number: Int64(number), event: try JSONValue(parsing: event.canonicalBytes()),
                    previousHash: previous, hash: hash))
        }
        return AuditExport(genesis: genesis, entries: entries, head: chain.head, count: chain.count)
    }

    @MainActor private func run(_ words: [String]) async -> Int32 { await CLIMain.run(words) }

    @Test func `AUD-02: an intact export ends with 0`() async throws {
        try await withFile(try export(3).json.canonicalBytes()) { path in
            #expect(await run(["verify", "--audit", path]) == 0)
            #expect(await run(["verify", "--audit", "--json", path]) == 0)
        }
    }

    @Test func `AUD-02: a changed, shortened or reordered export ends with 1`() async throws {
        let whole = try export(3)
        let text = String(decoding: whole.json.canonicalBytes(), as: UTF8.self)
        let changed = text.replacingOccurrences(of: "envelope.sent", with: "envelope.lost")
        let short = AuditExport(
            genesis: whole.genesis, entries: Array(whole.entries.dropLast()), head: whole.head, count: whole.count)
        let reordered = AuditExport(
            genesis: whole.genesis, entries: whole.entries.reversed(), head: whole.head, count: whole.count)
        for bytes in [Array(changed.utf8), short.json.canonicalBytes(), reordered.json.canonicalBytes()] {
            try await withFile(bytes) { path in #expect(await run(["verify", "--audit", path]) == 1) }
        }
    }

    @Test func `a cut file, another format and a missing file end with 65`() async throws {
        let whole = try export(3).json.canonicalBytes()
        for bytes in [Array(whole.dropLast(10)), Array("{}".utf8), [], Array("[]".utf8)] {
            try await withFile(bytes) { path in #expect(await run(["verify", "--audit", path]) == 65) }
        }
        #expect(await run(["verify", "--audit", "/nonexistent/paraph.json"]) == 65)
        #expect(await run(["verify", "/nonexistent/paraph.pdf"]) == 65)
    }

    @Test func `what is no PDF ends with 65, and a PDF without a signature with 1`() async throws {
        try await withFile(Array("not a PDF".utf8)) { path in #expect(await run(["verify", path]) == 65) }
        let text =
            "%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[]/Count 0>>\nendobj\n"
        let tail =
            "xref\n0 3\n0000000000 65535 f \n0000000009 00000 n \n0000000054 00000 n \n"
            + "trailer\n<</Size 3/Root 1 0 R>>\nstartxref\n\(text.utf8.count)\n%%EOF\n"
        try await withFile(Array((text + tail).utf8)) { path in
            let code = await run(["verify", path, "--json"])
            #expect(code == 1)
        }
    }

    @Test func `a file that cannot be read decides the exit code, wherever it stands among those that can`()
        async throws
    {
        let whole = try export(3)
        let short = AuditExport(
            genesis: whole.genesis, entries: Array(whole.entries.dropLast()), head: whole.head, count: whole.count)
        try await withFile(whole.json.canonicalBytes()) { good in
            try await withFile(short.json.canonicalBytes()) { broken in
                #expect(await run(["verify", "--audit", broken, good]) == 1)
                #expect(await run(["verify", "--audit", "/nonexistent/paraph.json", broken, good]) == 65)
                #expect(await run(["verify", "--audit", good, broken, "/nonexistent/paraph.json"]) == 65)
            }
        }
    }

    @Test(arguments: [["verify"], ["verify", "--nothing", "x"], ["nothing"], []])
    func `wrong words end with 64`(words: [String]) async {
        #expect(await run(words) == 64)
    }

    @Test func `help is no mistake`() async {
        #expect(await run(["--help"]) == 0)
        for command in CLIMain.commands { #expect(await run([command.name, "--help"]) == 0) }
    }
}
