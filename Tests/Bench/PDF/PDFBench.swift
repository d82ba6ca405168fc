// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Foundation
import SystemDriver

/// Figures of the signing engine alone, each beside the floor measured in the same run.
///
/// Floor and engine take turns in processes of their own, so that both see the same machine and neither the other's memory.
struct PDFBench {
    static let names = PDFRow.all.map(\.name) + [LongTermFigure.name, "pdf_two_threads", "pdf_cold_start"]

    let options: BenchOptions
    let report: BenchReport
    private let folder: URL

    init(options: BenchOptions, report: BenchReport) throws {
        self.options = options
        self.report = report
        folder = try Tool.scratchFolder("pdf-bench")
    }

    func measure() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        report.progress("Writing the documents.")
        let script = SourceTree.root.appendingPathComponent("deploy/lib/bench_pdfs.py").path
        let made = try await Tool.run(["python3", script, folder.path])
        guard made.status == 0 else { throw SystemError("bench_pdfs.py: \(made.output)") }
        try PDFBenchKeys.write(to: folder)
        for row in PDFRow.all { try await add(row.name) { try await share(of: row) } }
        try await add(LongTermFigure.name) { try await LongTermFigure(bench: self).measure() }
        try await add("pdf_two_threads") { try await twoThreads() }
        try await add("pdf_cold_start") { try await ColdStartFigure(bench: self).measure() }
    }

    /// Prints a figure that was asked for, unless a judge does not accept what was signed on the way.
    private func add(_ name: String, _ measure: () async throws -> Figure) async throws {
        guard options.wants(name) else { return }
        do {
            report.add([try await measure()])
        } catch let refusal as JudgeRefusal {
            report.void([refusal.reason], of: name)
        }
    }

    // MARK: Figures

    private func share(of row: PDFRow) async throws -> Figure {
        var floors: [Double] = []
        var engines: [PDFRowResult] = []
        for _ in 0..<rounds {
            floors.append(try await floor(of: row))
            engines.append(try await engine(row.name))
        }
        try await judge(row.name)
        // Neighbours share what else the machine does; rounds far apart do not.
        let shares = zip(engines, floors).map { $0.perSecond / $1 }
        var detail: [(String, JSONValue)] = [
            ("per_second", Figure.rounded(Self.median(engines.map(\.perSecond)))),
            ("floor_per_second", Figure.rounded(Self.median(floors))),
            ("vm_hwm_mb", Figure.rounded(Double(engines.map(\.peakBytes).max() ?? 0) / Double(1 << 20))),
            ("rounds", .integer(Int64(rounds))),
        ]
        if row.shape == .file { detail.append(("vm_hwm_limit_mb", 64)) }
        return Figure(
            name: row.name, value: Self.median(shares), unit: "of floor", limit: row.share, goal: .atLeast,
            detail: detail)
    }

    private func twoThreads() async throws -> Figure {
        let row = PDFRow.all[0]
        var one: [Double] = []
        var two: [Double] = []
        var machine: [Double] = []
        for _ in 0..<rounds {
            one.append(try await engine(row.name).perSecond)
            two.append(try await engine(row.name, threads: 2).perSecond)
            async let left = floor(of: row)
            async let right = floor(of: row)
            let both = try await left + right
            machine.append(both / (try await floor(of: row)))
        }
        try await judge(row.name)
        return Figure(
            name: "pdf_two_threads", value: Self.median(zip(two, one).map { $0 / $1 }), unit: "times one", limit: 1.9,
            goal: .atLeast,
            detail: [
                ("per_second", Figure.rounded(Self.median(two))), ("one_per_second", Figure.rounded(Self.median(one))),
                ("two_floors_times_one", Figure.rounded(Self.median(machine))), ("rounds", .integer(Int64(rounds))),
            ])
    }

    // MARK: Processes

    var rounds: Int { options.isQuick ? 3 : 11 }
    private var seconds: String { options.isQuick ? "0.4" : "1" }

    func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    /// The middle one.
    static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

    private func floor(of row: PDFRow) async throws -> Double {
        let key = [path("\(row.key.rawValue).key"), path("\(row.key.rawValue)-chain.pem"), path("\(row.input).pdf")]
        let program = options.programs.appendingPathComponent("BenchFloor").path
        let words = row.shape == .file ? ["file"] + key + [path("floor.out")] : ["memory"] + key
        let result = try await Tool.run([program] + words + [seconds])
        guard result.status == 0, let rate = Double(result.output.trimmingCharacters(in: .whitespacesAndNewlines))
        else { throw SystemError("BenchFloor: \(result.output)") }
        // One floor for each signer.
        return row.shape == .tenSigners ? rate / 10 : rate
    }

    /// One process of this program signs for some seconds; its last output lies under the figure's name afterwards.
    func engine(_ name: String, threads: Int = 1, more: [String] = []) async throws -> PDFRowResult {
        let program = options.programs.appendingPathComponent("Bench").path
        let result = try await Tool.run([program, "pdf-row", name, folder.path, seconds, String(threads)] + more)
        guard result.status == 0 else { throw SystemError("\(name): \(result.output)") }
        return try PDFRowResult(result.output)
    }

    /// - Parameter isLongTerm: Whether the signature has to be timestamped, and the document after it.
    /// - Throws: `JudgeRefusal` when pyHanko does not accept the row's last output.
    func judge(_ name: String, root: String = "root.pem", isLongTerm: Bool = false) async throws {
        guard PDFJudges.hasPyHanko else {
            report.progress("\(name): not judged, there is no pyHanko (deploy/test installs it)")
            return
        }
        let file = URL(fileURLWithPath: path("\(name).out.pdf"))
        let seen = try await PDFJudges.pyHanko([file], root: URL(fileURLWithPath: path(root))).first
        guard let seen, seen.error == nil else { throw JudgeRefusal(reason: "pyHanko: \(seen?.error ?? "no word")") }
        guard !seen.signatures.isEmpty, seen.signatures.allSatisfy(\.isGood) else {
            throw JudgeRefusal(reason: "pyHanko does not accept the signature")
        }
        let last = isLongTerm ? seen.timestamps.last : seen.signatures.last
        guard last?.coverage == "ENTIRE_FILE" else {
            throw JudgeRefusal(reason: "pyHanko does not see the whole file signed")
        }
        guard !isLongTerm || seen.signatures.allSatisfy(\.isTimestamped) && seen.timestamps.allSatisfy(\.isGood) else {
            throw JudgeRefusal(reason: "pyHanko does not accept a timestamp")
        }
    }
}

/// An independent reader does not accept what was measured: there is no figure then.
struct JudgeRefusal: Error {
    let reason: String
}
