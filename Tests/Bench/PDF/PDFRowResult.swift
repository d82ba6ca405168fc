// SPDX-License-Identifier: Apache-2.0
import Foundation
import SystemDriver

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

    /// The largest resident set of this process since its program began (`VmHWM`); `getrusage` would also count what the
    /// parent had when it started this one.
    /// - Throws: `SystemError` where there is no /proc.
    static func ownPeakBytes() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        for line in status.split(separator: "\n") where line.hasPrefix("VmHWM:") {
            if let kilobytes = line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Int($0) }) {
                return kilobytes << 10
            }
        }
        throw SystemError("/proc/self/status names no VmHWM")
    }

    var text: String { "\(perSecond) \(peakBytes)" }
}
