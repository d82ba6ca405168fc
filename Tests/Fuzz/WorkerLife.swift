// SPDX-License-Identifier: Apache-2.0
import Foundation
import SystemDriver
import TestSupport

/// One worker from its start to its end.
struct WorkerLife {
    /// Why a worker ended before its last input.
    struct Harm: Sendable {
        enum Kind: String, Sendable {
            case crash, hang, memory, wrong
        }

        let number: Int
        let kind: Kind
        /// The worker's last words.
        let detail: String
    }

    /// A worker that computes nothing waits for something; on a machine that is busy it may also wait for its turn.
    private static let longestWait = Duration.seconds(180)

    let options: FuzzOptions
    let share: FuzzOptions.Share

    /// Nil when it came to the end of its inputs.
    func run() async throws -> Harm? {
        let words = share.progress + ".words"
        _ = FileManager.default.createFile(atPath: words, contents: nil)
        let process = Process()
        process.executableURL = try URL(
            fileURLWithPath: FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        process.arguments = options.words(for: share)
        process.environment = ProcessInfo.processInfo.environment.merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
        process.standardError = FileHandle(forWritingAtPath: words)
        try? FileManager.default.removeItem(atPath: share.progress)
        try SignalMask.empty { try process.run() }
        let kind = try await end(of: process)
        guard let kind else { return nil }
        let said = (try? String(contentsOfFile: words, encoding: .utf8)) ?? ""
        let detail = said.split(separator: "\n").last.map(String.init) ?? "status \(process.terminationStatus)"
        return Harm(number: Self.progress(share.progress), kind: kind, detail: detail)
    }

    private func end(of process: Process) async throws -> Harm.Kind? {
        var number = -1
        var computed = 0.0
        var since = ContinuousClock.now
        while process.isRunning {
            try await Task.sleep(for: .milliseconds(50))
            let seconds = ProcessFacts.processorSeconds(of: process.processIdentifier) ?? computed
            let current = Self.progress(share.progress)
            if current != number { (number, computed, since) = (current, seconds, .now) }
            if seconds - computed > Double(options.seconds) || since.duration(to: .now) > Self.longestWait {
                kill(process.processIdentifier, SIGKILL)
                process.waitUntilExit()
                return .hang
            }
        }
        guard process.terminationReason == .exit else { return .crash }
        return switch process.terminationStatus {
        case 0: nil
        case FuzzWorker.tooLarge: .memory
        case FuzzWorker.wrong: .wrong
        default: .crash
        }
    }

    private static func progress(_ path: String) -> Int {
        guard let data = FileManager.default.contents(atPath: path), data.count == 8 else { return -1 }
        return Int(data.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    }
}
