// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc

/// Feeds a range of inputs to the engine; its process may die of one.
struct FuzzWorker {
    /// The exit code of a worker that held too much memory.
    static let tooLarge: Int32 = 9
    /// The exit code of a worker whose engine did something wrong.
    static let wrong: Int32 = 10
    /// Where an input that wants everything is stopped before the machine is; threads and libraries map some of it.
    private static let mostAddressBytes = rlim_t(6) << 30
    private static let harmedInput = 3

    let options: FuzzOptions
    let corpus: FuzzCorpus

    func run(_ share: FuzzOptions.Share) async throws {
        let file = open(share.progress, O_WRONLY | O_CREAT, 0o600)
        guard file >= 0 else { throw FuzzUsageError("cannot write \(share.progress)") }
        var most = rlimit(rlim_cur: Self.mostAddressBytes, rlim_max: Self.mostAddressBytes)
        setrlimit(.init(RLIMIT_AS.rawValue), &most)
        let targets = try FuzzTargets()
        let own = ProcessFacts.peakBytes
        for number in share.inputs {
            var note = Int64(number)
            _ = pwrite(file, &note, 8, 0)
            let input = corpus.input(number, seed: options.seed)
            ProcessFacts.resetPeak()
            do {
                if number == Self.harmedInput { try options.harm?.happen() }
                try await targets.feed(input)
            } catch let fault as FuzzFault {
                FileHandle.standardError.write(Data((fault.message + "\n").utf8))
                exit(Self.wrong)
            }
            if ProcessFacts.peakBytes - own > FuzzOptions.mostBytes { exit(Self.tooLarge) }
        }
    }
}
