// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import SystemDriver

/// Documents a second to B-LTA, each with two timestamps of its own from an authority on this machine.
struct LongTermFigure {
    static let name = "pdf_blta"
    /// While one document waits for its timestamp another is worked on.
    private static let inFlight = 4

    let bench: PDFBench

    func measure() async throws -> Figure {
        let authority = try LocalAuthority(programs: bench.options.programs, folder: bench.path("authority"))
        defer { authority.stop() }
        var runs: [PDFRowResult] = []
        for _ in 0..<(bench.rounds + 1) / 2 {
            runs.append(try await bench.engine(Self.name, threads: Self.inFlight, more: [authority.timestamp]))
        }
        try await bench.judge(Self.name, root: "authority/root.pem", isLongTerm: true)
        return Figure(
            name: Self.name, value: PDFBench.median(runs.map(\.perSecond)), unit: "documents/s", limit: 300,
            goal: .atLeast,
            detail: [
                ("in_flight", .integer(Int64(Self.inFlight))), ("timestamps_per_document", 2),
                ("authority", "another process on this machine, P-256; OCSP answers are cached"),
                ("vm_hwm_mb", Figure.rounded(Double(runs.map(\.peakBytes).max() ?? 0) / Double(1 << 20))),
                ("rounds", .integer(Int64(runs.count))),
            ])
    }
}
