// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Foundation
import SystemDriver

/// How long `paraph sign` takes for one small file, from starting the process to its end.
struct ColdStartFigure {
    private static let runs = 40

    let bench: PDFBench

    func measure() async throws -> Figure {
        let program = bench.options.programs.appendingPathComponent("paraph").path
        var times: [Double] = []
        for run in 0..<(bench.options.isQuick ? Self.runs / 4 : Self.runs) {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: program)
            process.arguments = [
                "sign", bench.path("30k.pdf"), "--key", bench.path("rsa.key"), "--chain", bench.path("rsa-chain.pem"),
                "-o", bench.path("cold-\(run).pdf"),
            ]
            process.standardOutput = FileHandle.nullDevice
            let started = ContinuousClock.now
            try process.run()
            process.waitUntilExit()
            times.append((ContinuousClock.now - started).seconds * 1000)
            guard process.terminationStatus == 0 else {
                throw SystemError("paraph sign ended with \(process.terminationStatus)")
            }
        }
        try FileManager.default.moveItem(atPath: bench.path("cold-0.pdf"), toPath: bench.path("pdf_cold_start.out.pdf"))
        try await bench.judge("pdf_cold_start")
        return Figure(
            name: "pdf_cold_start", value: PDFBench.median(times), unit: "ms", limit: 20, goal: .atMost,
            detail: [
                ("fastest_ms", Figure.rounded(times.min() ?? 0)), ("slowest_ms", Figure.rounded(times.max() ?? 0)),
                ("runs", .integer(Int64(times.count))),
            ])
    }
}
