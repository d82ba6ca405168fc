// SPDX-License-Identifier: Apache-2.0
import Glibc
import ServiceKit

/// A TCP connection that sends exactly the bytes it is told to; its blocking calls run on a thread of their own.
final class RawClient: Sendable {
    private let descriptor: Int32
    private let executor = BlockingExecutor(label: "raw-client")

    struct Failure: Error { let errno: Int32 }

    init(port: Int, receiveBufferBytes: Int32? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if var size = receiveBufferBytes {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        var timeout = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        // All properties have values, so `deinit` closes the socket also after a throw.
        guard result == 0 else { throw Failure(errno: errno) }
    }

    deinit { Glibc.close(descriptor) }

    func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    func send(_ bytes: [UInt8], repeating count: Int = 1) async throws {
        try await executor.run { [descriptor] in
            for _ in 0..<count {
                var sent = 0
                while sent < bytes.count {
                    let result = bytes.withUnsafeBytes {
                        Glibc.send(
                            descriptor, $0.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL))
                    }
                    guard result > 0 else { throw Failure(errno: errno) }
                    sent += result
                }
            }
        }
    }

    /// What comes next, empty at the end of the connection.
    func receive(_ maximum: Int = 65_536) async throws -> [UInt8] {
        try await executor.run { [descriptor] in
            var buffer = [UInt8](repeating: 0, count: maximum)
            let count = recv(descriptor, &buffer, maximum, 0)
            guard count >= 0 else { throw Failure(errno: errno) }
            return Array(buffer[..<count])
        }
    }

    /// Everything until the text shows up or the connection ends.
    func receive(until text: String) async throws -> String {
        var bytes: [UInt8] = []
        while !String(decoding: bytes, as: UTF8.self).contains(text) {
            let chunk = try await receive()
            if chunk.isEmpty { break }
            bytes += chunk
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    func receiveToEnd() async throws -> String { try await receive(until: "\u{0}never") }

    /// Goes away with a reset, as a crashed client does.
    func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout.size(ofValue: option)))
        shutdown(descriptor, Int32(SHUT_RDWR))
    }
}
