// SPDX-License-Identifier: Apache-2.0
import CCurl
import Glibc

/// Tells addresses of the public internet from those of machines, private networks and special uses (RFC 6890).
enum PublicAddress {
    /// Prefixes that nobody outside may make this process connect to: value and length.
    private static let internal4: [(UInt32, UInt32)] = [
        (0x0000_0000, 8), (0x0A00_0000, 8), (0x6440_0000, 10), (0x7F00_0000, 8), (0xA9FE_0000, 16), (0xAC10_0000, 12),
        (0xC000_0000, 24), (0xC000_0200, 24), (0xC058_6300, 24), (0xC0A8_0000, 16), (0xC612_0000, 15),
        (0xC633_6400, 24), (0xCB00_7100, 24), (0xE000_0000, 4), (0xF000_0000, 4),
    ]
    /// Prefixes of IPv6 that are public only if the IPv4 address inside them is: first 96 bits.
    private static let mapped: [[UInt8]] = [
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF], [0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0],
    ]
    /// Special prefixes inside the global unicast space 2000::/3: documentation, Teredo, 6to4, ORCHID.
    private static let internal6: [(bytes: [UInt8], bits: Int)] = [
        ([0x20, 0x01, 0x00], 23), ([0x20, 0x01, 0x0D, 0xB8], 32), ([0x20, 0x02], 16), ([0x3F, 0xFF, 0x00], 20),
    ]

    static func isPublic(_ address: UnsafePointer<curl_sockaddr>) -> Bool {
        withUnsafePointer(to: address.pointee.addr) { pointer in
            switch address.pointee.family {
            case AF_INET:
                pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                    isPublic(ipv4: UInt32(bigEndian: $0.pointee.sin_addr.s_addr))
                }
            case AF_INET6:
                // curl_sockaddr's address has less room than sockaddr_in6 in its type, but not in libcurl's memory.
                isPublic(
                    ipv6: Array(
                        UnsafeRawBufferPointer(
                            start: UnsafeRawPointer(address).advanced(
                                by: MemoryLayout<curl_sockaddr>.offset(of: \.addr).map { $0 + 8 } ?? 0), count: 16)))
            default: false
            }
        }
    }

    static func isPublic(ipv4 address: UInt32) -> Bool {
        !internal4.contains { prefix, bits in address >> (32 - bits) == prefix >> (32 - bits) }
    }

    static func isPublic(ipv6 address: [UInt8]) -> Bool {
        guard address.count == 16 else { return false }
        if mapped.contains(where: { address.starts(with: $0) }) {
            return isPublic(ipv4: address[12...].reduce(0) { $0 << 8 | UInt32($1) })
        }
        guard address[0] & 0xE0 == 0x20 else { return false }
        return !internal6.contains { prefix in
            (0..<prefix.bits).allSatisfy { bit in
                let mask = UInt8(0x80) >> UInt8(bit % 8)
                return address[bit / 8] & mask == prefix.bytes[bit / 8] & mask
            }
        }
    }
}
