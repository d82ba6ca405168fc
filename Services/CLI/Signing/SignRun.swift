// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import FileSystem

/// Signs all files, some at a time, and tells what becomes of them in their order.
@MainActor struct SignRun {
    private let files: [SignFiles.Pair]
    private let signing: DocumentSigning
    private let options: SignOptions
    private var progress: SignProgress?

    init(files: [SignFiles.Pair], signing: DocumentSigning, options: SignOptions) {
        self.files = files
        self.signing = signing
        self.options = options
        let isWatched = StandardStream.error.isTerminal && files.count > 1
        progress = isWatched ? SignProgress(total: files.count) : nil
    }

    /// - Returns: The largest exit code of all files.
    consuming func run() async -> Int32 {
        let signing = signing
        let started = ContinuousClock.now
        var waiting: [Int: SignOutcome] = [:]
        var told = 0
        var counts: [Int32: Int] = [:]
        var next = 0
        await withTaskGroup(of: (Int, SignOutcome).self) { group in
            for file in files {
                if next >= jobs, let (index, outcome) = await group.next() {
                    waiting[index] = outcome
                    tell(&waiting, &told, &counts)
                }
                let index = next
                group.addTask { (index, await signing.sign(file)) }
                next += 1
            }
            for await (index, outcome) in group {
                waiting[index] = outcome
                tell(&waiting, &told, &counts)
            }
        }
        progress?.clear()
        if files.count > 1 { summarize(counts, took: ContinuousClock.now - started) }
        return counts.keys.max() ?? 0
    }

    private var jobs: Int { options.jobs > 0 ? options.jobs : CommandEnvironment.coreCount }

    private mutating func tell(_ waiting: inout [Int: SignOutcome], _ told: inout Int, _ counts: inout [Int32: Int]) {
        let finished = told + waiting.count
        while let outcome = waiting.removeValue(forKey: told) {
            told += 1
            counts[outcome.exitCode, default: 0] += 1
            show(outcome)
        }
        progress?.update(finished: finished)
    }

    private mutating func show(_ outcome: SignOutcome) {
        let complaints = outcome.complaints
        if !complaints.isEmpty { progress?.clear() }
        for line in complaints { Terminal.complain("paraph sign: \(line)") }
        if options.isJSON {
            Terminal.say(String(decoding: outcome.json.canonicalBytes(), as: UTF8.self))
        } else if let line = outcome.line, progress == nil || !StandardStream.output.isTerminal {
            Terminal.say(line)
        }
    }

    private func summarize(_ counts: [Int32: Int], took: Duration) {
        let words = [
            (Int32(0), options.keyName == nil ? "prepared" : "signed"), (CommandFailure.refused, "refused"),
            (CommandFailure.unreadable, "unreadable"), (CommandFailure.unwritable, "not written"),
        ]
        let parts = words.compactMap { code, word in counts[code].map { "\($0) \(word)" } }
        let rate = Double(files.count) / max(took / .seconds(1), 1e-6)
        let time = Terminal.decimal(took / .seconds(1)).trimming
        Terminal.complain("\(parts.joined(separator: ", ")) in \(time) s, \(Int(rate.rounded())) files/s")
    }
}

extension String {
    /// Without the blanks in front.
    fileprivate var trimming: String { String(drop { $0 == " " }) }
}
