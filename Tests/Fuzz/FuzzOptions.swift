// SPDX-License-Identifier: Apache-2.0
import Foundation

/// What the command line asks for.
struct FuzzOptions: Sendable {
    /// A worker's inputs, and where it notes which one it is at.
    struct Share: Sendable {
        let inputs: Range<Int>
        let progress: String
    }

    /// An input that makes its worker hold more, beyond what a worker holds anyway, is a finding.
    static let mostBytes = 512 << 20

    var inputs = 1_000_000
    var seed: UInt64 = 1
    var jobs = ProcessInfo.processInfo.activeProcessorCount
    /// An input that takes a processor longer is a finding.
    var seconds = 10
    var folders: [String] = []
    /// Files that are fed as they are instead of mutated ones.
    var replayed: [String] = []
    /// What replayed documents are opened with.
    var password: String?
    /// Where inputs go that did harm.
    var findings = "fuzz-findings"
    var share: Share?
    /// What a worker does at input 3; only tests ask for it.
    var harm: FuzzHarm?

    static let usage = """
        usage: deploy/fuzz [--inputs N] [--seed N] [--jobs N] [--seconds N] [--findings FOLDER] [FOLDER...]
               deploy/fuzz --replay FILE [--replay FILE]... [--password TEXT] [--findings FOLDER]

        Mutates the PDFs of the folders, the signatures, certificates and revocation data in them, and the pictures
        (.png, .jpg) and messages (.der) beside them, and has the engine read, repair, sign, raise and verify each.
        Passwords are taken from a manifest.tsv with the columns file and password, beside a document or one folder up.

        Findings: a crash, more than \(FuzzOptions().seconds) s of processor time (--seconds), more than
        \(mostBytes >> 20) MB for one input, or a signature of ours that is not intact afterwards. Their inputs are kept in
        the folder fuzz-findings (--findings), and the exit code is 1. The same seed and folders give the same inputs;
        --replay feeds files as they are.

        Without options: a million inputs (--inputs) by as many workers as there are processors (--jobs).
        """

    /// - Throws: `FuzzUsageError`.
    init(_ words: [String]) throws {
        var rest = words[...]
        func value(_ word: String) throws -> String {
            guard let value = rest.popFirst() else { throw FuzzUsageError("\(word) needs a value") }
            return value
        }
        func number(_ word: String, _ range: ClosedRange<Int>) throws -> Int {
            guard let number = Int(try value(word)), range.contains(number) else {
                throw FuzzUsageError("\(word) takes a number from \(range.lowerBound) to \(range.upperBound)")
            }
            return number
        }
        while let word = rest.popFirst() {
            switch word {
            case "--inputs": inputs = try number(word, 1...1_000_000_000)
            case "--seed": seed = UInt64(try number(word, 0...Int.max))
            case "--jobs": jobs = try number(word, 1...256)
            case "--seconds": seconds = try number(word, 1...3_600)
            case "--findings": findings = try value(word)
            case "--replay": replayed.append(try value(word))
            case "--password": password = try value(word)
            case "--harm":
                let name = try value(word)
                guard let harm = FuzzHarm(rawValue: name) else { throw FuzzUsageError("unknown harm \(name)") }
                self.harm = harm
            case "--share":
                let first = try number(word, 0...Int.max)
                share = Share(inputs: first..<(try number(word, first...Int.max)), progress: try value(word))
            default:
                guard !word.hasPrefix("-") else { throw FuzzUsageError("unknown option \(word)") }
                folders.append(word)
            }
        }
        guard !folders.isEmpty || !replayed.isEmpty else { throw FuzzUsageError("name a folder of PDFs") }
        if !replayed.isEmpty { inputs = replayed.count }
    }

    private init() {}

    /// The words that make a worker of this program for a range of inputs.
    func words(for share: Share) -> [String] {
        ["--seed", String(seed)] + replayed.flatMap { ["--replay", $0] } + folders
            + (password.map { ["--password", $0] } ?? []) + (harm.map { ["--harm", $0.rawValue] } ?? [])
            + ["--share", String(share.inputs.lowerBound), String(share.inputs.upperBound), share.progress]
    }
}

/// What a person got wrong on the command line; the process ends with 64 (`EX_USAGE`).
struct FuzzUsageError: Error {
    let message: String

    init(_ message: String) { self.message = message }
}
