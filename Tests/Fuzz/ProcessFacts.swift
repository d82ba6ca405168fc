// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc

/// What the kernel tells of a process.
enum ProcessFacts {
    /// Seconds of processor time, all threads together; nil for a process that is gone.
    static func processorSeconds(of process: Int32) -> Double? {
        // The name in parentheses may hold anything; user and system time are 12th and 13th behind it (proc(5)).
        guard let data = FileManager.default.contents(atPath: "/proc/\(process)/stat"),
            let name = data.lastIndex(of: UInt8(ascii: ")"))
        else { return nil }
        let fields = String(decoding: data[(name + 1)...], as: UTF8.self).split(separator: " ")
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return nil }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// The most that this process held at once since the last reset.
    static var peakBytes: Int {
        guard let data = FileManager.default.contents(atPath: "/proc/self/status") else { return 0 }
        let line = String(decoding: data, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return (line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) << 10
    }

    /// Lets the peak begin again at what is held now; where the kernel cannot, it stays that of the process's life.
    static func resetPeak() {
        let file = open("/proc/self/clear_refs", O_WRONLY)
        guard file >= 0 else { return }
        _ = write(file, "5", 1)
        close(file)
    }
}
