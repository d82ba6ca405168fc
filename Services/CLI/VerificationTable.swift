// SPDX-License-Identifier: Apache-2.0
import PDFVerification

/// A verification report for people: a block of lines for each signature.
struct VerificationTable {
    private static let maximumChanges = 20

    private let report: VerificationReport
    private let title: String

    init(_ report: VerificationReport, title: String) {
        self.report = report
        self.title = title
    }

    var lines: [String] {
        let count = report.signatures.count
        let verdict = report.isPassed ? "all pass" : count == 0 ? "nothing is signed" : "not all pass"
        var lines = ["\(title): \(count) signature\(count == 1 ? "" : "s"), \(verdict)"]
        for signature in report.signatures { lines += Self.lines(signature) }
        for timestamp in report.timestamps { lines += Self.lines(timestamp, title: "document timestamp") }
        return lines
    }

    private static func lines(_ signature: SignatureReport) -> [String] {
        var lines = ["", "  \(signature.signer ?? "unknown signer")  (field \(signature.field))"]
        lines.append(row("verdict", words(signature.indication.rawValue, signature.subIndication?.rawValue)))
        if let reason = signature.reason { lines.append(row("because", reason)) }
        lines.append(row("integrity", signature.integrity.rawValue))
        lines.append(row("covers", words(signature.coverage)))
        lines.append(row("level", signature.level ?? "none"))
        if let time = signature.time {
            lines.append(row("time", time + (signature.timeSource == "timestamp" ? " (by timestamp)" : " (claimed)")))
        }
        if let name = signature.certificateName { lines.append(row("certificate", name)) }
        lines.append(row("revocation", revocation(of: signature)))
        if let level = signature.certification { lines.append(row("certifies", "level \(level)")) }
        for lock in signature.locks {
            lines.append(row("locks", "\(lock.action.lowercased()) \(lock.fields.joined(separator: ", "))"))
        }
        lines.append(row("later changes", words(signature.changesAfter)))
        let changes = grouped(signature.changes)
        lines += changes.prefix(maximumChanges)
        if changes.count > maximumChanges {
            lines.append("      and \(changes.count - maximumChanges) more; --json lists them")
        }
        for note in signature.notes { lines.append(row("note", note)) }
        for timestamp in signature.timestamps { lines += Self.lines(timestamp, title: "timestamp") }
        return lines
    }

    /// One line for all objects of which the same is said; what is forbidden names each object.
    private static func grouped(_ changes: [DocumentChange]) -> [String] {
        var counts: [[String]: Int] = [:]
        for change in changes where change.permitted { counts[[change.what, change.why], default: 0] += 1 }
        return changes.compactMap { change in
            guard change.permitted else { return "      FORBIDDEN  \(change.object): \(change.what) (\(change.why))" }
            guard let count = counts.removeValue(forKey: [change.what, change.why]) else { return nil }
            let object = count == 1 ? change.object : "\(count) objects"
            return "      allowed    \(object): \(change.what) (\(change.why))"
        }
    }

    private static func lines(_ timestamp: TimestampReport, title: String) -> [String] {
        let place = timestamp.field.map { " (field \($0))" } ?? ""
        var lines = [row(title, "\(timestamp.time ?? "no time") by \(timestamp.authority ?? "unknown")\(place)")]
        lines.append(row("", words(timestamp.indication.rawValue, timestamp.subIndication?.rawValue)))
        if let reason = timestamp.reason { lines.append(row("", reason)) }
        return lines
    }

    private static func row(_ name: String, _ value: String) -> String {
        "    " + name + String(repeating: " ", count: max(1, 20 - name.count)) + value
    }

    private static func words(_ indication: String, _ subIndication: String?) -> String {
        indication + (subIndication.map { " / \($0)" } ?? "")
    }

    private static func words(_ coverage: SignatureReport.Coverage) -> String {
        switch coverage {
        case .wholeFile: "the whole file"
        case .wholeRevision: "the file as it was when signed"
        case .partial: "only a part of the file"
        case .invalid: "not what it claims"
        }
    }

    private static func revocation(of signature: SignatureReport) -> String {
        switch signature.revocation {
        case .good: "no certificate was revoked"
        case .unchecked where signature.subIndication == .noCertificateChainFound:
            "not checked: no chain leads to a trust anchor"
        case .unchecked: "not checked: the file carries no data for the time that counts"
        case .revoked: "REVOKED"
        }
    }

    private static func words(_ verdict: ChangeVerdict) -> String {
        switch verdict {
        case .none: "none"
        case .permitted: "only what is allowed"
        case .notPermitted: "NOT ALLOWED"
        case .unknown: "cannot be judged whole"
        }
    }
}
