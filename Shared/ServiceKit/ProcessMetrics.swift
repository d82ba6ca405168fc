// SPDX-License-Identifier: Apache-2.0
import FileSystem
import Glibc
package import Metrics

/// The metrics that Prometheus expects of every process, read from `/proc` when somebody asks.
package enum ProcessMetrics {
    /// Adds build information, CPU, memory, descriptors and start time.
    package static func register(in metrics: MetricsRegistry, service: String, version: String) {
        metrics.gauge(
            "paraph_build_info", "What runs here; always 1.", labels: ["service", "version"],
            read: { [.init(1, labels: [service, version])] })
        metrics.counter(
            "process_cpu_seconds_total", "User and system CPU time.",
            read: { samples { $0.cpuSeconds } })
        metrics.gauge(
            "process_resident_memory_bytes", "Resident memory.", read: { samples { $0.residentBytes } })
        metrics.gauge(
            "process_start_time_seconds", "Start of the process since 1970.", read: { samples { $0.startSeconds } })
        metrics.gauge(
            "process_open_fds", "Open file descriptors.",
            // Listing the folder opens one more descriptor.
            read: { (try? Folder.names(in: "/proc/self/fd")).map { [.init(Double($0.count - 1))] } ?? [] })
    }

    private static func samples(_ value: (ProcessStatus) -> Double) -> [MetricsRegistry.Sample] {
        ProcessStatus().map { [.init(value($0))] } ?? []
    }
}

/// Fields of proc(5) `/proc/self/stat`.
struct ProcessStatus {
    let cpuSeconds: Double
    let residentBytes: Double
    let startSeconds: Double

    /// Nil where `/proc` is not mounted.
    init?() {
        guard let bytes = try? SmallFile.read("/proc/self/stat") else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)
        // The second field is the command in parentheses and may hold blanks; field 3 follows the last parenthesis.
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        func field(_ number: Int) -> Double? { fields.count > number - 3 ? Double(fields[number - 3]) : nil }
        let ticksPerSecond = Double(sysconf(Int32(_SC_CLK_TCK)))
        guard let user = field(14), let system = field(15), let start = field(22), let pages = field(24),
            let boot = Self.bootSeconds()
        else { return nil }
        cpuSeconds = (user + system) / ticksPerSecond
        residentBytes = pages * Double(sysconf(Int32(_SC_PAGESIZE)))
        startSeconds = boot + start / ticksPerSecond
    }

    private static func bootSeconds() -> Double? {
        guard let bytes = try? SmallFile.read("/proc/stat", maximumBytes: 8 << 20) else { return nil }
        let line = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("btime ") }
        return line.flatMap { Double($0.dropFirst(6)) }
    }
}
