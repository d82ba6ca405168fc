// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc

/// What the kernel knows about processes: who descends from whom, processor time, memory.
package struct ProcessUsage: Sendable {
    private struct Entry {
        let parent: Int32
        let state: Character
        let ticks: Int
        let childTicks: Int
    }

    private static let ticksPerSecond = Double(sysconf(Int32(_SC_CLK_TCK)))
    private let entries: [Int32: Entry]
    private let children: [Int32: [Int32]]

    /// A look at all processes now.
    package static func now() -> ProcessUsage {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        var entries: [Int32: Entry] = [:]
        for name in names {
            guard let id = Int32(name), let entry = read(id) else { continue }
            entries[id] = entry
        }
        return ProcessUsage(entries: entries, children: Dictionary(grouping: entries.keys) { entries[$0]?.parent ?? 0 })
    }

    /// Seconds of processor time of a process, all its descendants, and those of them that ended and were waited for.
    package func processorSeconds(ofTree root: Int32) -> Double {
        guard let entry = entries[root] else { return 0 }
        let below = (children[root] ?? []).reduce(0.0) { $0 + processorSeconds(ofTree: $1) }
        return Double(entry.ticks + entry.childTicks) / Self.ticksPerSecond + below
    }

    /// The highest resident size since the process began, in bytes; nil for one that is gone.
    package static func peakResidentBytes(of id: Int32) -> Int? { status(of: id, key: "VmHWM:") }

    /// The resident size now, in bytes.
    package static func residentBytes(of id: Int32) -> Int? { status(of: id, key: "VmRSS:") }

    /// Whether the process exists and is no zombie.
    package static func isAlive(_ id: Int32) -> Bool {
        guard let entry = read(id) else { return false }
        return entry.state != "Z" && entry.state != "X"
    }

    private static func status(of id: Int32, key: String) -> Int? {
        let text = (try? String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix(key) }
        return line?.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Int($0) }.map {
            $0 * 1024
        }
    }

    /// `/proc/PID/stat`: the name in parentheses may hold anything, so fields are counted from behind it.
    private static func read(_ id: Int32) -> Entry? {
        guard let text = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8),
            let end = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 14, let state = fields[0].first, let parent = Int32(fields[1]),
            let user = Int(fields[11]), let system = Int(fields[12]), let childUser = Int(fields[13]),
            let childSystem = Int(fields[14])
        else { return nil }
        return Entry(parent: parent, state: state, ticks: user + system, childTicks: childUser + childSystem)
    }
}
