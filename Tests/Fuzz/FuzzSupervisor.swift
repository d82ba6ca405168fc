// SPDX-License-Identifier: Apache-2.0
import Foundation
import SystemDriver

/// Runs workers, notes what kills them, and goes on behind it.
struct FuzzSupervisor: Sendable {
    /// Inputs of one worker's life.
    private static let shareInputs = 2_000

    let options: FuzzOptions
    let corpus: FuzzCorpus

    /// The number of findings.
    func run() async throws -> Int {
        let folder = try Tool.scratchFolder("fuzz")
        defer { try? FileManager.default.removeItem(at: folder) }
        var begin = 0
        var findings = 0
        let started = ContinuousClock.now
        try await withThrowingTaskGroup(of: (count: Int, findings: Int).self) { group in
            var done = 0
            func launch() {
                guard begin < options.inputs else { return }
                let range = begin..<min(options.inputs, begin + Self.shareInputs)
                begin = range.upperBound
                group.addTask { (range.count, try await work(range, in: folder)) }
            }
            for _ in 0..<options.jobs { launch() }
            while let ended = try await group.next() {
                done += ended.count
                findings += ended.findings
                say("\(done) of \(options.inputs) inputs, \(findings) findings, \(started.duration(to: .now).text) s")
                launch()
            }
        }
        return findings
    }

    /// Feeds a range; after an input that ends its worker, another goes on with the next.
    private func work(_ range: Range<Int>, in folder: URL) async throws -> Int {
        var findings = 0
        var next = range.lowerBound
        while next < range.upperBound {
            let share = FuzzOptions.Share(
                inputs: next..<range.upperBound, progress: folder.appendingPathComponent("\(range.lowerBound)").path)
            guard let (number, reason) = try await life(of: share) else { return findings }
            findings += 1
            try keep(number, reason)
            next = number + 1
        }
        return findings
    }

    /// The input that ended a worker and why; nil when it came to its end.
    private func life(of share: FuzzOptions.Share) async throws -> (number: Int, reason: String)? {
        let process = Process()
        process.executableURL = try URL(
            fileURLWithPath: FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        process.arguments = options.words(for: share)
        process.standardError = FileHandle.nullDevice
        try process.run()
        var seen = (number: -1, since: ContinuousClock.now)
        while process.isRunning {
            try await Task.sleep(for: .milliseconds(100))
            let number = Self.progress(share.progress)
            if number != seen.number { seen = (number, .now) }
            if seen.since.duration(to: .now) > .seconds(FuzzOptions.longestSeconds) {
                process.terminate()
                kill(process.processIdentifier, SIGKILL)
                process.waitUntilExit()
                return (number, "hang")
            }
        }
        let number = Self.progress(share.progress)
        if process.terminationReason == .exit {
            switch process.terminationStatus {
            case 0: return nil
            case FuzzWorker.tooLarge: return (number, "memory")
            default: break
            }
        }
        return (number, "crash-\(process.terminationStatus)")
    }

    private static func progress(_ path: String) -> Int {
        guard let data = FileManager.default.contents(atPath: path), data.count == 8 else { return -1 }
        return Int(data.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    }

    private func keep(_ number: Int, _ reason: String) throws {
        guard number >= 0 else { throw FuzzUsageError("a worker ended before its first input (\(reason))") }
        let folder = URL(fileURLWithPath: options.findings)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = folder.appendingPathComponent("\(reason)-\(options.seed)-\(number).pdf")
        try Data(corpus.input(number, seed: options.seed)).write(to: file)
        say("FINDING \(reason): \(file.path)")
    }

    private func say(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
}

extension Duration {
    fileprivate var text: String { String(components.seconds) }
}
