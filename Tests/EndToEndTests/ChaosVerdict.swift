// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Foundation
import SystemDriver

/// Compares what the system holds with the ledger once everything has come to rest.
struct ChaosVerdict {
    let system: RunningSystem
    let ledger: Ledger
    let client: SystemClient
    let programs: URL

    /// What does not agree; empty when nothing was lost and nothing was done twice.
    func faults() async throws -> [String] {
        let entries = ledger.entries
        var faults = try await untilAtRest(entries.count).map { [$0] } ?? []
        faults += try await counted(entries)
        let folder = try Tool.scratchFolder("verdict")
        defer { try? FileManager.default.removeItem(at: folder) }
        var documents: [URL] = []
        var chains: [URL] = []
        for entry in entries {
            let status = try await client.document(entry.documentID)["status"]?.stringValue
            if status != "completed" { faults.append("\(entry.envelopeID) is \(status ?? "gone")") }
            let signed = try await client.download(entry.documentID)
            guard signed.status == 200 else {
                faults.append("the download of \(entry.documentID) answered \(signed.summary)")
                continue
            }
            documents.append(folder.appendingPathComponent("\(entry.documentID).pdf"))
            try Data(signed.body).write(to: documents[documents.count - 1])
            let trail = try await client.audit(entry.documentID)
            chains.append(folder.appendingPathComponent("\(entry.documentID).json"))
            try Data(trail.body).write(to: chains[chains.count - 1])
            faults += Self.trailFaults(trail.json, of: entry)
        }
        faults += try await verified(documents)
        let replay = try await Tool.run([paraph, "verify", "--audit"] + chains.map(\.path))
        if replay.status != 0 { faults.append("paraph verify --audit: \(replay.output.suffix(600))") }
        for file in documents.shuffled().prefix(10) {
            faults += try await PDFJudges.faults(of: file, signatures: 2)
        }
        return faults
    }

    private var paraph: String { programs.appendingPathComponent("paraph").path }

    /// Nil when all evidence is sealed and all trails are whole within a minute.
    private func untilAtRest(_ envelopes: Int) async throws -> String? {
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            let sealed = try await number("select count(*) from vault.evidence where stored_at is not null")
            let trails = try await number(
                "select count(distinct chain_id) from vault.audit_events where event_type = 'envelope.completed'")
            if sealed >= envelopes, trails >= envelopes { return nil }
            guard ContinuousClock.now < deadline else {
                return "\(sealed) objects and \(trails) whole trails of \(envelopes)"
            }
            try await Task.sleep(for: .milliseconds(300))
        }
    }

    private func counted(_ entries: [Ledger.Entry]) async throws -> [String] {
        var faults: [String] = []
        func expect(_ what: String, _ found: Int, _ wanted: Int) {
            if found != wanted { faults.append("\(what): \(found), the ledger says \(wanted)") }
        }
        expect("envelopes", try await number("select count(*) from intake.envelopes"), entries.count)
        expect("evidence", try await number("select count(*) from vault.evidence"), entries.count)
        expect(
            "chains", try await number("select count(*) from vault.chain_heads where subject_kind = 'envelope'"),
            entries.count)
        expect(
            "events recorded twice",
            try await number("select count(*) - count(distinct event_id) from vault.audit_events"), 0)
        let mails = Set(system.mails.names().filter { $0.hasSuffix(".signing_request") })
        let wanted = Set(entries.flatMap(\.requestIDs).map { "\($0).1.signing_request" })
        if mails != wanted { faults.append("mails with links: \(mails.count), the ledger says \(wanted.count)") }
        for service in RunningSystem.services {
            let metrics = try await client.send("GET", system.adminURL(service) + "/metrics")
            let lines = String(decoding: metrics.body, as: UTF8.self).split(separator: "\n")
            for name in ["paraph_dead_letters", "paraph_audit_gaps"] {
                for line in lines where line.hasPrefix(name) && !line.hasSuffix(" 0") {
                    faults.append("\(service): \(line)")
                }
            }
        }
        return faults
    }

    /// Each step exactly once, each signer once.
    private static func trailFaults(_ trail: JSONValue, of entry: Ledger.Entry) -> [String] {
        let types = (trail["events"]?.arrayValue ?? []).compactMap { $0["event"]?["event_type"]?.stringValue }
        let wanted = [
            "envelope.created": 1, "envelope.sent": 1, "recipient.viewed": 2, "recipient.signed": 2,
            "envelope.completed": 1,
        ]
        return wanted.compactMap { type, count in
            let found = types.count { $0 == type }
            return found == count ? nil : "\(entry.envelopeID): \(found) × \(type)"
        }
    }

    /// Every file has two signatures that pass.
    private func verified(_ documents: [URL]) async throws -> [String] {
        let root = system.folder.appendingPathComponent("root.pem").path
        let result = try await Tool.run([paraph, "verify", "--json", "--trust", root] + documents.map(\.path))
        var faults = result.status == 0 ? [] : ["paraph verify ended with \(result.status)"]
        for line in result.output.split(separator: "\n") where line.hasPrefix("{") {
            let report = try JSONValue(parsing: Array(line.utf8))
            let signatures = report["signatures"]?.arrayValue ?? []
            if signatures.count != 2 {
                faults.append("\(report["file"]?.stringValue ?? "?") has \(signatures.count) signatures")
            }
        }
        return faults
    }

    private func number(_ sql: String) async throws -> Int {
        try await system.query(sql).first?.first.flatMap { Int($0) } ?? -1
    }
}
