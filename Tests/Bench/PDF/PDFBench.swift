// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Foundation
import SystemDriver

/// Figures of the signing engine alone, each beside the floor measured in the same run.
///
/// Floor and engine take turns in processes of their own, so that both see the same machine and neither the other's memory.
struct PDFBench {
    static let names = PDFRow.all.map(\.name) + ["pdf_two_threads", "pdf_cold_start"]

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
        for row in PDFRow.all where options.wants(row.name) { report.add([try await share(of: row)]) }
        if options.wants("pdf_two_threads") { report.add([try await twoThreads()]) }
        if options.wants("pdf_cold_start") { report.add([try await ColdStartFigure(bench: self).measure()]) }
    }

    // MARK: Figures

    private func share(of row: PDFRow) async throws -> Figure {
        var floors: [Double] = []
        var engines: [PDFRowResult] = []
        for _ in 0..<rounds {
            floors.append(try await floor(of: row))
            engines.append(try await engine(row.name))
        }
        let floor = Self.median(floors)
        let engine = Self.median(engines.map(\.perSecond))
        try await judge(row.name)
        return Figure(
            name: row.name, value: engine / floor, unit: "of floor", limit: row.share, goal: .atLeast,
            detail: [
                ("per_second", Figure.rounded(engine)), ("floor_per_second", Figure.rounded(floor)),
                ("peak_resident_mb", Figure.rounded(Double(engines.map(\.peakBytes).max() ?? 0) / 1e6)),
                ("rounds", .integer(Int64(rounds))),
            ])
    }

    private func twoThreads() async throws -> Figure {
        var one: [Double] = []
        var two: [Double] = []
        for _ in 0..<rounds {
            one.append(try await engine("pdf_30k_rsa2048").perSecond)
            two.append(try await engine("pdf_30k_rsa2048", threads: 2).perSecond)
        }
        return Figure(
            name: "pdf_two_threads", value: Self.median(two) / Self.median(one), unit: "times one", limit: 1.9,
            goal: .atLeast,
            detail: [
                ("per_second", Figure.rounded(Self.median(two))), ("one_per_second", Figure.rounded(Self.median(one))),
            ])
    }

    // MARK: Processes

    var rounds: Int { options.isQuick ? 3 : 7 }
    private var seconds: String { options.isQuick ? "0.4" : "1.5" }

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

    /// - Throws: `SystemError` when pyHanko does not accept the row's last output.
    func judge(_ name: String) async throws {
        guard PDFJudges.hasPyHanko else {
            report.progress("\(name): not judged, there is no pyHanko (deploy/test installs it)")
            return
        }
        let file = URL(fileURLWithPath: path("\(name).out.pdf"))
        let root = URL(fileURLWithPath: path("root.pem"))
        let seen = try await PDFJudges.pyHanko([file], root: root)
        guard let seen = seen.first, seen.error == nil, !seen.signatures.isEmpty,
            seen.signatures.allSatisfy(\.isGood), seen.signatures.last?.coverage == "ENTIRE_FILE"
        else { throw SystemError("\(name): pyHanko does not accept the output") }
    }
}

/// What one process measured.
struct PDFRowResult: Sendable {
    let perSecond: Double
    let peakBytes: Int

    init(perSecond: Double, peakBytes: Int) {
        self.perSecond = perSecond
        self.peakBytes = peakBytes
    }

    /// - Throws: `SystemError` when the line is not one of `text`.
    init(_ line: String) throws {
        let parts = line.split(whereSeparator: \.isWhitespace)
        guard parts.count == 2, let rate = Double(parts[0]), let bytes = Int(parts[1]) else {
            throw SystemError("unexpected words from a measuring process: \(line)")
        }
        self.init(perSecond: rate, peakBytes: bytes)
    }

    var text: String { "\(perSecond) \(peakBytes)" }
}
