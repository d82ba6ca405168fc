// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc

/// Feeds a range of inputs to the engine; its process may die of one.
struct FuzzWorker {
    /// The exit code of a worker that held too much memory.
    static let tooLarge: Int32 = 9

    let options: FuzzOptions
    let corpus: FuzzCorpus

    func run(_ share: FuzzOptions.Share) async throws {
        let file = open(share.progress, O_WRONLY | O_CREAT, 0o600)
        guard file >= 0 else { throw FuzzUsageError("cannot write \(share.progress)") }
        let targets = try FuzzTargets()
        for number in share.inputs {
            var note = Int64(number)
            _ = pwrite(file, &note, 8, 0)
            await targets.feed(corpus.input(number, seed: options.seed))
            if Self.peakBytes() > FuzzOptions.mostBytes { exit(Self.tooLarge) }
        }
    }

    private static func peakBytes() -> Int {
        var usage = rusage()
        getrusage(.init(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss << 10
    }
}
