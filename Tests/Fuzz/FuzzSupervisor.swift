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
            guard let harm = try await harm(in: next..<range.upperBound, folder) else { return findings }
            guard harm.number >= 0 else {
                throw FuzzUsageError("a worker ended before its first input (\(harm.detail))")
            }
            next = harm.number + 1
            if harm.kind == .memory, try await self.harm(in: harm.number..<next, folder)?.kind != .memory {
                // Several inputs together held too much: memory that is kept for the next is none of this one's.
                continue
            }
            findings += 1
            try keep(harm)
        }
        return findings
    }

    private func harm(in inputs: Range<Int>, _ folder: URL) async throws -> WorkerLife.Harm? {
        let progress = folder.appendingPathComponent("\(inputs.lowerBound)-\(inputs.upperBound)").path
        return try await WorkerLife(options: options, share: .init(inputs: inputs, progress: progress)).run()
    }

    private func keep(_ harm: WorkerLife.Harm) throws {
        let folder = URL(fileURLWithPath: options.findings)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let input = corpus.input(harm.number, seed: options.seed)
        let name = "\(harm.kind.rawValue)-\(options.seed)-\(harm.number).\(input.kind.rawValue)"
        let file = folder.appendingPathComponent(name)
        try Data(input.bytes).write(to: file)
        let password = input.password.map { " --password '\($0)'" } ?? ""
        say("FINDING \(harm.kind.rawValue) (\(harm.detail)): --replay \(file.path)\(password)")
    }

    private func say(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
}

extension Duration {
    fileprivate var text: String { String(components.seconds) }
}
