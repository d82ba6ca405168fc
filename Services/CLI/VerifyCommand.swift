// SPDX-License-Identifier: Apache-2.0
import Audit
import ByteCoding
import Envelopes
import FileSystem
import Foundation
import PDFSyntax
import PDFVerification

/// `paraph verify`: signatures of PDFs and exported audit chains, offline.
enum VerifyCommand: Command {
    static let name = "verify"
    static let summary = "check the signatures of PDFs, or an exported audit chain; needs no server"
    static let usage = """
        usage: paraph verify FILE.pdf... [--trust ROOT.pem]... [--revocation] [--password-file FILE] [--json]
               paraph verify --audit FILE.json... [--json]

        Says of each signature, in the words of EN 319 102-1, whether it stands (TOTAL-PASSED), does not (TOTAL-FAILED)
        or cannot be decided (INDETERMINATE), who signed when, how much of the file is covered, and what later revisions
        changed, object by object. Nothing is fetched: certificates, revocation data and timestamps are the file's own.
        With --audit, replays each exported hash chain and names the first link that does not hold.

        --trust ROOT.pem       certificates that a chain may end with, timestamp authorities' roots included; without any,
                               no signature can pass
        --revocation           asks revocation data of every certificate, not only where the file carries some
        --password-file FILE   opens an encrypted PDF; --password TEXT shows it to the machine's other users
        --json                 one JSON object a file

        All files are judged. Exit code: 0 all signatures pass (or chains hold), 1 something does not, 65 a file cannot
        be read as what it is.

        paraph verify contract.pdf --trust root.pem
        paraph verify *.pdf --trust root.pem --trust tsa-root.pem --json
        """

    static func run(_ words: [String]) async throws -> Int32 {
        let arguments = try Arguments(
            words, flags: ["audit", "json", "revocation"], options: DocumentPassword.options, repeated: ["trust"])
        guard !arguments.positional.isEmpty else { throw UsageError(message: "name at least one file") }
        guard !arguments.has("audit") || arguments.all("trust").isEmpty else {
            throw UsageError(message: "--trust is for PDFs: an audit chain needs no certificate")
        }
        let policy = VerificationPolicy(
            trust: try TrustAnchors.read(arguments.all("trust")), time: CommandEnvironment.now(),
            revocation: arguments.has("revocation") ? .required : .whereCarried)
        let password = try DocumentPassword(arguments).read()
        var worst: Int32 = 0
        for path in arguments.positional {
            do {
                let isGood =
                    arguments.has("audit")
                    ? try chain(path, json: arguments.has("json"))
                    : try document(path, policy, password: password, json: arguments.has("json"))
                if !isGood { worst = max(worst, 1) }
            } catch let failure as CommandFailure {
                // The others are judged all the same.
                Terminal.complain("paraph verify: \(failure.message)")
                worst = max(worst, failure.exitCode)
            }
        }
        return worst
    }

    private static func document(
        _ path: String, _ policy: VerificationPolicy, password: String?, json: Bool
    ) throws(CommandFailure) -> Bool {
        let file: FileSource
        do throws(CommandFailure) {
            file = try DocumentInput.file(path)
        } catch {
            throw CommandFailure("\(path): \(error.message)", exitCode: error.exitCode)
        }
        let report: VerificationReport
        do throws(PDFError) {
            report = try SignatureVerifier(source: file, password: password).verify(policy)
        } catch {
            throw CommandFailure("\(path): \(error)", exitCode: CommandFailure.unreadable)
        }
        guard json else {
            for line in VerificationTable(report, title: path).lines { Terminal.say(line) }
            return report.isPassed
        }
        guard var members = try? JSONValue(parsing: CanonicalJSON.bytes(of: report)).objectValue else {
            throw CommandFailure("\(path): the report cannot be written as JSON", exitCode: 70)
        }
        members["file"] = .string(path)
        Terminal.say(String(decoding: JSONValue.object(members).canonicalBytes(), as: UTF8.self))
        return report.isPassed
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
