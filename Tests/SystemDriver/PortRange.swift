// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Finds eleven neighbouring TCP ports that nobody listens on, below those the kernel gives to clients.
package enum PortRange {
    package static let count = 11

    /// - Throws: `SystemError` when a hundred tries found none.
    package static func find() throws -> Int {
        for _ in 0..<100 {
            let first = Int.random(in: 1000..<2900) * count
            if (first..<(first + count)).allSatisfy(isFree) { return first }
        }
        throw SystemError("no eleven free ports between 11000 and 32000; stop what listens there")
    }

    private static func isFree(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
