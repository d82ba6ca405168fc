// SPDX-License-Identifier: Apache-2.0
import Foundation

/// What the command line asks for.
struct FuzzOptions: Sendable {
    /// A worker's inputs, and where it notes which one it is at.
    struct Share: Sendable {
        let inputs: Range<Int>
        let progress: String
    }

    /// An input that takes longer is a finding.
    static let longestSeconds = 10
    /// A worker that ever held more is a finding.
    static let mostBytes = 512 << 20

    var inputs = 1_000_000
    var seed: UInt64 = 1
    var jobs = ProcessInfo.processInfo.activeProcessorCount
    var folders: [String] = []
    /// Files that are fed as they are instead of mutated ones.
    var replayed: [String] = []
    /// Where inputs go that did harm.
    var findings = "fuzz-findings"
    var share: Share?

    static let usage = """
        usage: deploy/fuzz [--inputs N] [--seed N] [--jobs N] [--findings FOLDER] [--replay FILE]... [FOLDER...]

        Mutates the PDFs of the folders (and the signatures, certificates and pictures in them) and has the engine read,
        sign, repair and verify each. A crash, more than \(longestSeconds) s or more than \(mostBytes >> 20) MB is a finding: its input is kept, the exit
        code is 1. The same seed gives the same inputs. --replay feeds files as they are.
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
            case "--findings": findings = try value(word)
            case "--replay": replayed.append(try value(word))
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

    /// The words that make a worker of this program for a range of inputs.
    func words(for share: Share) -> [String] {
        ["--seed", String(seed)] + replayed.flatMap { ["--replay", $0] } + folders
            + ["--share", String(share.inputs.lowerBound), String(share.inputs.upperBound), share.progress]
    }
}

/// What a person got wrong on the command line; the process ends with 64 (`EX_USAGE`).
struct FuzzUsageError: Error {
    let message: String

    init(_ message: String) { self.message = message }
}
