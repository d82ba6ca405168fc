// SPDX-License-Identifier: Apache-2.0
import Audit
import ByteCoding
import Foundation
import SystemDriver

/// Whether the system holds exactly what the driver's ledger says it accepted; otherwise no figure counts.
struct Settlement {
    private static let judged = 20

    let bench: BenchContext

    /// Waits until the evidence of this many envelopes is sealed.
    ///
    /// - Throws: `SystemError` when it is not after two minutes.
    static func untilSealed(_ bench: BenchContext, envelopes: Int) async throws {
        let deadline = ContinuousClock.now + .seconds(120)
        while true {
            let stored = try await count(bench, "select count(*) from vault.evidence where stored_at is not null")
            let chains = try await count(
                bench, "select count(*) from vault.audit_events where event_type = 'envelope.completed'")
            if stored >= envelopes, chains >= envelopes { return }
            guard ContinuousClock.now < deadline else {
                throw SystemError("after 2 minutes \(stored) objects and \(chains) trails of \(envelopes) are there")
            }
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    /// What does not agree; empty when all does.
    func faults() async throws -> [String] {
        let envelopes = bench.ledger.count
        guard envelopes > 0 else { return [] }
        do {
            try await Self.untilSealed(bench, envelopes: envelopes)
        } catch let error as SystemError {
            return [error.description]
        }
        var faults: [String] = []
        func expect(_ what: String, _ found: Int, _ wanted: Int) {
            if found != wanted { faults.append("\(what): \(found), the ledger says \(wanted)") }
        }
        expect(
            "completed envelopes", try await count("select count(*) from intake.envelopes where status = 'completed'"),
            envelopes)
        expect(
            "signed PDFs", try await count("select count(*) from vault.evidence where kind = 'signed_document'"),
            envelopes)
        expect("evidence objects", evidenceFiles(), envelopes)
        expect(
            "chains of envelopes",
            try await count("select count(*) from vault.chain_heads where subject_kind = 'envelope'"), envelopes)
        expect("chains with gaps", try await count(Self.brokenChains), 0)
        let mails = bench.system.mails.names().filter { $0.hasSuffix(".signing_request") }
        let wanted = Set(bench.ledger.entries.flatMap(\.requestIDs).map { "\($0).1.signing_request" })
        expect("mails with links", mails.count, wanted.count)
        if Set(mails) != wanted { faults.append("mails went to other requests than the ledger's") }
        return try await faults + judgements()
    }

    /// Chains whose rows are not numbered without a hole up to their head.
    private static let brokenChains = """
        select count(*) from vault.chain_heads h left join (
          select chain_id, count(*) as rows, max(n) as last, min(n) as first from vault.audit_events group by chain_id) e
          using (chain_id)
        where e.rows is null or e.last <> h.n or e.rows <> e.last - e.first + 1
        """

    private func judgements() async throws -> [String] {
        let folder = try Tool.scratchFolder("judged")
        defer { try? FileManager.default.removeItem(at: folder) }
        var faults: [String] = []
        for entry in bench.ledger.entries.shuffled().prefix(Self.judged) {
            let signed = try await bench.flow.client.download(entry.documentID)
            // The judges take minutes for the large one.
            guard signed.body.count < 1 << 20 else { continue }
            let file = folder.appendingPathComponent("\(entry.documentID).pdf")
            try Data(signed.body).write(to: file)
            faults += try await PDFJudges.faults(of: file, signatures: entry.requestIDs.count)
            let trail = try await bench.flow.client.audit(entry.documentID)
            if case .broken(let place) = ChainVerifier.verify(try AuditExport(json: trail.json)) {
                faults.append("chain of \(entry.envelopeID): \(place)")
            }
        }
        return faults
    }

    private func evidenceFiles() -> Int {
        let root = bench.system.folder.appendingPathComponent("objects/evidence")
        let all = FileManager.default.enumerator(at: root, includingPropertiesForKeys: [.isRegularFileKey])
        var count = 0
        while let file = all?.nextObject() as? URL {
            if (try? file.resourceValues(forKeys: [.isRegularFileKey]))?.isRegularFile == true { count += 1 }
        }
        return count
    }

    private func count(_ sql: String) async throws -> Int { try await Self.count(bench, sql) }

    private static func count(_ bench: BenchContext, _ sql: String) async throws -> Int {
        let rows = try await bench.system.query(sql)
        guard let number = rows.first?.first.flatMap({ Int($0) }) else { throw SystemError("no number from: \(sql)") }
        return number
    }
}
