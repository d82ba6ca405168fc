// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Which TCP ports of this machine have a listener, read from the kernel's table.
enum Ports {
    /// - Throws: `CommandFailure` that names the first port another program holds.
    static func check(_ range: Range<Int>) throws {
        let held = listening()
        if let port = range.first(where: held.contains) {
            throw CommandFailure(
                "port \(port) on 127.0.0.1 is used by another program. Stop it, or choose eleven other ports with --port N"
            )
        }
    }

    /// `/proc/net/tcp` and `tcp6`: column 1 is ADDRESS:PORT in hexadecimal, column 3 the state, 0A = LISTEN.
    private static func listening() -> Set<Int> {
        var ports: Set<Int> = []
        for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
            let text = (try? String(contentsOfFile: table, encoding: .utf8)) ?? ""
            for line in text.split(separator: "\n").dropFirst() {
                let columns = line.split(separator: " ", omittingEmptySubsequences: true)
                guard columns.count > 3, columns[3] == "0A", let port = columns[1].split(separator: ":").last else {
                    continue
                }
                if let number = Int(port, radix: 16) { ports.insert(number) }
            }
        }
        return ports
    }
}
