// SPDX-License-Identifier: Apache-2.0
import Foundation
import SystemDriver

/// Measures the system and prints each figure beside its limit.
@main enum BenchMain {
    static func main() async {
        do {
            let words = Array(CommandLine.arguments.dropFirst())
            if words.first == "pdf-row" {
                print(try await row(Array(words.dropFirst())).text)
                return
            }
            let options = try BenchOptions(words)
            let report = BenchReport(printsJSON: options.printsJSON)
            report.begin(options)
            if options.isEngineOnly {
                try await PDFBench(options: options, report: report).measure()
            } else {
                for driver in options.drivers {
                    try await SystemFigures(options: options, driver: driver, report: report).measure()
                }
            }
            exit(report.isVoid ? 1 : 0)
        } catch let error as BenchUsageError {
            FileHandle.standardError.write(Data("bench: \(error.message)\n\n\(BenchOptions.usage)\n".utf8))
            exit(64)
        } catch {
            FileHandle.standardError.write(Data("bench: \(error)\n".utf8))
            exit(70)
        }
    }

    /// What `PDFBench` starts this program for again.
    private static func row(_ words: [String]) async throws -> PDFRowResult {
        words.first == LongTermFigure.name
            ? try await LongTermRun(words).measure() : try await PDFRowRun(words).measure()
    }
}
