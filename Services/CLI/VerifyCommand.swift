// SPDX-License-Identifier: Apache-2.0
import Audit
import ByteCoding
import Envelopes
import FileSystem
import Foundation
import PDFSigning
import PDFSyntax

/// `paraph verify`: signatures of PDFs and exported audit chains, offline.
enum VerifyCommand: Command {
    static let name = "verify"
    static let summary = "check the signatures of PDFs, or an exported audit chain; needs no server"
    static let usage = """
        usage: paraph verify FILE.pdf... [--json]
               paraph verify --audit FILE.json... [--json]

        Checks that each signature is intact and what it covers, or replays each hash chain and names the first link
        that does not hold. Whether to trust who signed is not judged here.

        All files are judged. Exit code: 0 all is as it was signed or recorded, 1 something is not, 65 a file cannot be
        read as what it is.
        """

    static func run(_ words: [String]) async throws -> Int32 {
        let arguments = try Arguments(words, flags: ["audit", "json"])
        guard !arguments.positional.isEmpty else { throw UsageError(message: "name at least one file") }
        var worst: Int32 = 0
        for path in arguments.positional {
            do {
                let isGood =
                    arguments.has("audit")
                    ? try chain(path, json: arguments.has("json")) : try document(path, json: arguments.has("json"))
                if !isGood { worst = max(worst, 1) }
            } catch let failure as CommandFailure {
                // The others are judged all the same.
                Terminal.complain("paraph verify: \(failure.message)")
                worst = max(worst, failure.exitCode)
            }
        }
        return worst
    }

    private static func document(_ path: String, json: Bool) throws -> Bool {
        let report: VerificationReport
        do {
            report = try SignatureVerifier(source: try FileSource(path: path)).verify()
        } catch let error as PDFError {
            throw CommandFailure("\(path): \(error)", exitCode: CommandFailure.unreadable)
        } catch let error as FileSystemError {
            throw CommandFailure("\(path): \(error)", exitCode: CommandFailure.unreadable)
        }
        if json {
            let body = try JSONValue(parsing: CanonicalJSON.bytes(of: report))
            var members = body.objectValue ?? [:]
            members["file"] = .string(path)
            Terminal.say(String(decoding: JSONValue.object(members).canonicalBytes(), as: UTF8.self))
        } else {
            SignatureTable.show(report, title: path)
        }
        return report.isIntact
    }

    private static func chain(_ path: String, json: Bool) throws -> Bool {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CommandFailure("cannot read \(path)", exitCode: CommandFailure.unreadable)
        }
        let verdict: ChainVerifier.Verdict
        do {
            verdict = ChainVerifier.verify(try AuditExport(json: try JSONValue(parsing: Array(data))))
        } catch {
            throw CommandFailure("\(path) is no paraph-audit/1 export: \(error)", exitCode: CommandFailure.unreadable)
        }
        let members: [String: JSONValue]
        switch verdict {
        case .intact(let events, let head):
            members = ["intact": .bool(true), "events": .integer(events), "head": .string(head.hex)]
            if !json { Terminal.say("\(path): intact, \(events) events, head \(head.hex)") }
        case .broken(let place):
            members = ["intact": .bool(false), "link": .integer(place.number), "reason": .string("\(place)")]
            if !json { Terminal.say("\(path): BROKEN: \(place)") }
        }
        if json {
            let object = JSONValue.object(members.merging(["file": .string(path)]) { $1 })
            Terminal.say(String(decoding: object.canonicalBytes(), as: UTF8.self))
        }
        if case .intact = verdict { return true }
        return false
    }
}

/// A report for people.
enum SignatureTable {
    static func show(_ report: VerificationReport, title: String) {
        Terminal.say("\(title): \(report.signatures.count) signature\(report.signatures.count == 1 ? "" : "s")")
        for signature in report.signatures {
            let verdict = signature.integrity == .intact ? "intact" : signature.integrity.rawValue.uppercased()
            Terminal.say("  \(signature.signer ?? signature.field)  \(verdict), covers \(words(signature.coverage))")
            var details = [signature.level, signature.claimedTime, signature.certificateName.map { "sealed by \($0)" }]
            details.append(signature.reason)
            Terminal.say("    " + details.compactMap { $0 }.joined(separator: ", "))
        }
    }

    private static func words(_ coverage: SignatureReport.Coverage) -> String {
        switch coverage {
        case .wholeFile: "the whole file"
        case .wholeRevision: "the file as it was when signed"
        case .partial: "only a part of the file"
        case .invalid: "not what it claims"
        }
    }
}
