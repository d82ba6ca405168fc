// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import PDFSigning

/// What became of one file.
struct SignOutcome: Sendable {
    enum Result: Sendable {
        case signed(field: String, level: SignatureLevel)
        /// Fields were added and nothing was signed.
        case prepared(fields: [String])
        case failed(CommandFailure)
    }

    let file: SignFiles.Pair
    var result: Result
    /// What was done to the document besides, one sentence each.
    var notes: [String] = []
    /// What is less than was asked for.
    var warnings: [String] = []

    var exitCode: Int32 {
        if case .failed(let failure) = result { failure.exitCode } else { 0 }
    }

    /// One object: `file`, `status`, and what belongs to the status.
    var json: JSONValue {
        var members: [String: JSONValue] = ["file": .string(file.input)]
        switch result {
        case .signed(let field, let level):
            members["status"] = .string("signed")
            members["output"] = .string(file.output)
            members["field"] = .string(field)
            members["level"] = .string(level.rawValue.lowercased())
        case .prepared(let fields):
            members["status"] = .string("prepared")
            members["output"] = .string(file.output)
            members["fields"] = .array(fields.map { .string($0) })
        case .failed(let failure):
            let names = [CommandFailure.unreadable: "unreadable", CommandFailure.unwritable: "unwritable"]
            members["status"] = .string(names[failure.exitCode] ?? "refused")
            members["reason"] = .string(failure.message)
        }
        if !notes.isEmpty { members["repairs"] = .array(notes.map { .string($0) }) }
        if !warnings.isEmpty { members["warnings"] = .array(warnings.map { .string($0) }) }
        return .object(members)
    }

    /// One line for people; nil for a failure, which goes to standard error.
    var line: String? {
        switch result {
        case .signed(let field, let level):
            "\(file.input): signed in field \(field) (\(level.rawValue.lowercased())) -> \(file.output)"
        case .prepared(let fields): "\(file.input): fields \(fields.joined(separator: ", ")) added -> \(file.output)"
        case .failed: nil
        }
    }

    /// What goes to standard error, the reason of a failure last.
    var complaints: [String] {
        var lines = notes.map { "\(file.input): repaired before signing: \($0)" }
        lines += warnings.map { "\(file.input): warning: \($0)" }
        if case .failed(let failure) = result { lines.append("\(file.input): \(failure.message)") }
        return lines
    }
}
