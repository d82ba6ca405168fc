// SPDX-License-Identifier: Apache-2.0
import CMicroHTTPD
import Glibc

/// Owns a listening TCP socket from `bind` to `close`.
final class ListenSocket: Sendable {
    let descriptor: Int32
    let port: Int

    /// Binds and listens; connections wait in the kernel's queue until a daemon accepts them.
    init(host: String, port: Int) throws(HTTPServerError) {
        let isIPv6 = host.contains(":")
        let descriptor = socket(
            isIPv6 ? AF_INET6 : AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0
        )
        guard descriptor >= 0 else { throw .listenFailed(operation: "socket", errno: errno) }
        do throws(HTTPServerError) {
            self.port = try Self.bind(descriptor, to: host, port: port, isIPv6: isIPv6)
        } catch {
            close(descriptor)
            throw error
        }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Refuses further connections although threads may still poll the descriptor.
    func stopListening() { _ = shutdown(descriptor, Int32(SHUT_RDWR)) }

    private static func bind(
        _ descriptor: Int32, to host: String, port: Int, isIPv6: Bool
    ) throws(HTTPServerError) -> Int {
        guard let networkPort = UInt16(exactly: port)?.bigEndian else {
            throw .listenFailed(operation: "port", errno: EINVAL)
        }
        var on: Int32 = 1
        var off: Int32 = 0
        let size = socklen_t(MemoryLayout<Int32>.size)
        try check("setsockopt", setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, size))
        if isIPv6 {
            try check("setsockopt", setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &off, size))
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = networkPort
            guard inet_pton(AF_INET6, host, &address.sin6_addr) == 1 else {
                throw .listenFailed(operation: "inet_pton", errno: EINVAL)
            }
            try check("bind", withSocketAddress(of: &address) { Glibc.bind(descriptor, $0, $1) })
        } else {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = networkPort
            guard inet_pton(AF_INET, host == "localhost" ? "127.0.0.1" : host, &address.sin_addr) == 1 else {
                throw .listenFailed(operation: "inet_pton", errno: EINVAL)
            }
            try check("bind", withSocketAddress(of: &address) { Glibc.bind(descriptor, $0, $1) })
        }
        try check("listen", listen(descriptor, 4_096))
        var bound = sockaddr_in6()
        var boundSize = socklen_t(MemoryLayout<sockaddr_in6>.size)
        try check(
            "getsockname", withSocketAddress(of: &bound) { address, _ in getsockname(descriptor, address, &boundSize) })
        // The port stands at the same offset in both families.
        return Int(UInt16(bigEndian: bound.sin6_port))
    }

    private static func withSocketAddress<Address>(
        of address: inout Address, _ body: (UnsafeMutablePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<Address>.size)) }
        }
    }

    private static func check(_ operation: String, _ result: Int32) throws(HTTPServerError) {
        guard result == 0 else { throw .listenFailed(operation: operation, errno: errno) }
    }
}
