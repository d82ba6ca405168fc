// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Foundation
import Synchronization
import SystemDriver

/// Prints figures as they come; progress goes to the error stream.
final class BenchReport: Sendable {
    private let printsJSON: Bool
    private let voids = Mutex(0)

    init(printsJSON: Bool) { self.printsJSON = printsJSON }

    /// Whether a figure had to be thrown away because counts or judges did not agree.
    var isVoid: Bool { voids.withLock { $0 > 0 } }

    func begin(_ options: BenchOptions) {
        let cores = "\(ProcessInfo.processInfo.activeProcessorCount) cores"
        progress(
            options.isEngineOnly
                ? cores
                : "\(cores); drivers \(options.drivers.map(\.rawValue).joined(separator: ", "));"
                    + " \(options.concurrency) envelopes in flight; fsync, synchronous_commit and encryption on")
        if !printsJSON { say(Figure.heading) }
    }

    func add(_ figures: [Figure]) {
        for figure in figures {
            if printsJSON {
                say(String(decoding: figure.json.canonicalBytes(), as: UTF8.self))
            } else {
                say(figure.row)
                if !figure.detail.isEmpty { say("    " + figure.detailText) }
            }
        }
    }

    /// Says why the figures of a driver, or one figure, do not count.
    func void(_ faults: [String], of what: String) {
        voids.withLock { $0 += 1 }
        for fault in faults { progress("VOID (\(what)): \(fault)") }
    }

    func progress(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }

    private func say(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }
}
