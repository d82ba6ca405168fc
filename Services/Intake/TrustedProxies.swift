// SPDX-License-Identifier: Apache-2.0
import Glibc
import HTTPServer

/// The proxies whose word about a client's address counts.
struct TrustedProxies: Sendable {
    static let none = TrustedProxies(networks: [])

    private struct Network: Sendable {
        let prefix: [UInt8]
        let bits: Int
    }

    private let networks: [Network]

    private init(networks: [Network]) { self.networks = networks }

    /// Addresses and networks separated by commas, as in `10.0.0.0/8,::1`; nil when one of them is neither.
    init?(list: String) {
        var networks: [Network] = []
        for word in list.split(separator: ",") {
            let parts = word.filter { $0 != " " }.split(separator: "/", omittingEmptySubsequences: false)
            guard let first = parts.first, let address = Self.bytes(String(first)), parts.count <= 2 else { return nil }
            // An IPv4 network is written with its own 32 bits, and compared in its IPv6 form.
            let extra = first.contains(":") ? 0 : 96
            let given = parts.count == 2 ? Int(parts[1]) : 128 - extra
            guard let given, (0...(128 - extra)).contains(given) else { return nil }
            networks.append(Network(prefix: address, bits: given + extra))
        }
        self.networks = networks
    }

    /// The client's address: the peer, or what trusted proxies say, read from the right up to the first that is not one.
    func clientAddress(of request: HTTPRequest) -> String {
        var address = request.peerAddress
        let forwarded = request.headers.filter { $0.0 == "x-forwarded-for" }.flatMap { $0.1.split(separator: ",") }
        for entry in forwarded.reversed() where isTrusted(address) {
            let text = entry.filter { $0 != " " && $0 != "\t" }
            guard Self.bytes(String(text)) != nil else { break }
            address = String(text)
        }
        return address
    }

    private func isTrusted(_ address: String) -> Bool {
        guard !networks.isEmpty, let bytes = Self.bytes(address) else { return false }
        return networks.contains { network in
            (0..<network.bits).allSatisfy { bit in
                let mask = UInt8(0x80) >> (bit % 8)
                return bytes[bit / 8] & mask == network.prefix[bit / 8] & mask
            }
        }
    }

    /// The sixteen bytes of an address, IPv4 as `::ffff:a.b.c.d`.
    private static func bytes(_ text: String) -> [UInt8]? {
        if text.contains(":") {
            var address = in6_addr()
            guard unsafe inet_pton(AF_INET6, text, &address) == 1 else { return nil }
            return unsafe withUnsafeBytes(of: &address) { unsafe Array($0) }
        }
        var address = in_addr()
        guard unsafe inet_pton(AF_INET, text, &address) == 1 else { return nil }
        let bytes = unsafe withUnsafeBytes(of: &address) { unsafe Array($0) }
        return [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF] + bytes
    }
}
