// SPDX-License-Identifier: Apache-2.0
import Foundation
import SystemDriver

/// What the command line asks for.
struct BenchOptions: Sendable {
    /// Whether only the signing engine is measured, without any service.
    let isEngineOnly: Bool
    var printsJSON = false
    var isQuick = false
    var drivers = [MessageDriver.postgres]
    /// Envelopes in flight at once in the closed loop.
    var concurrency = 192
    /// Names of figures to measure; all when empty.
    var only: Set<String> = []
    let programs: URL

    static let usage = """
        usage: deploy/bench [--json] [--quick] [--kafka | --kafka-only] [--only NAME[,NAME...]] [--concurrency N]
               deploy/bench pdf [--json] [--quick] [--only NAME[,NAME...]]

        Starts the whole system in scratch folders and measures it; prints a table with the limit beside each figure, or
        with --json one object a line. --kafka measures over Kafka too (KAFKA_HOME). --quick takes a tenth of the time
        and of the certainty. --concurrency: that many envelopes in flight instead of 192. NAME is one of
        \(names.joined(separator: ", ")).

        pdf measures the signing engine alone, beside a program that only hashes, signs and copies; pyHanko judges one
        output of each figure where it is installed (PARAPH_JUDGES). Exit code 1 when it does not accept one. NAME is then:
        \(PDFBench.names.joined(separator: ", ")).
        """

    /// Every figure, in the order in which they are measured.
    static let names = SystemFigures.names

    /// - Throws: `BenchUsageError`, or `SystemError` when nothing is built.
    init(_ words: [String]) throws {
        isEngineOnly = words.first == "pdf"
        let names = isEngineOnly ? PDFBench.names : Self.names
        var rest = words.dropFirst(isEngineOnly ? 1 : 0)
        while let word = rest.popFirst() {
            switch word {
            case "--json": printsJSON = true
            case "--quick": isQuick = true
            case "--kafka" where !isEngineOnly: drivers = MessageDriver.allCases
            case "--kafka-only" where !isEngineOnly: drivers = [.kafka]
            case "--only":
                only = Set((rest.popFirst() ?? "").split(separator: ",").map(String.init))
                guard !only.isEmpty, only.isSubset(of: names) else {
                    throw BenchUsageError("--only takes names of figures")
                }
            case "--concurrency" where !isEngineOnly:
                guard let number = rest.popFirst().flatMap({ Int($0) }), (1...2000).contains(number) else {
                    throw BenchUsageError("--concurrency takes a number from 1 to 2000")
                }
                concurrency = number
            default: throw BenchUsageError("unknown option \(word)")
            }
        }
        guard let programs = SystemOptions.builtPrograms else {
            throw SystemError("PARAPH_PROGRAMS has to name the folder of built executables; deploy/bench does that")
        }
        self.programs = programs
    }

    func wants(_ names: String...) -> Bool { only.isEmpty || names.contains(where: only.contains) }
}

/// What a person got wrong on the command line; the process ends with 64 (`EX_USAGE`).
struct BenchUsageError: Error {
    let message: String

    init(_ message: String) { self.message = message }
}
