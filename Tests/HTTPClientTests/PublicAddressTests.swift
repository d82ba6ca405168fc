// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import HTTPClient

struct PublicAddressTests {
    private func ipv4(_ text: String) -> UInt32 {
        text.split(separator: ".").compactMap { UInt32($0) }.reduce(0) { $0 << 8 | $1 }
    }

    private func ipv6(_ text: String) throws -> [UInt8] {
        var address = in6_addr()
        try #require(inet_pton(AF_INET6, text, &address) == 1)
        return withUnsafeBytes(of: &address) { Array($0) }
    }

    @Test(arguments: [
        "0.0.0.0", "10.0.0.1", "10.255.255.255", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254",
        "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.168.1.1", "198.18.0.1", "198.19.255.255",
        "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
    ])
    func `addresses of IPv4 that are not public`(text: String) {
        #expect(!PublicAddress.isPublic(ipv4: ipv4(text)))
    }

    @Test(arguments: ["1.1.1.1", "8.8.8.8", "100.63.255.255", "172.15.255.255", "172.32.0.1", "192.1.0.1", "223.5.5.5"])
    func `public addresses of IPv4`(text: String) {
        #expect(PublicAddress.isPublic(ipv4: ipv4(text)))
    }

    @Test(arguments: [
        "::", "::1", "fe80::1", "fc00::1", "fd12:3456::1", "ff02::1", "2001:db8::1", "2001::1", "2002:7f00:1::",
        "3fff::1", "100::1", "5f00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::169.254.169.254",
        "64:ff9b:1::1",
    ])
    func `addresses of IPv6 that are not public, also around IPv4`(text: String) throws {
        #expect(!PublicAddress.isPublic(ipv6: try ipv6(text)))
    }

    @Test(arguments: ["2606:4700::1111", "2a00:1450:4001::1", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"])
    func `public addresses of IPv6`(text: String) throws {
        #expect(PublicAddress.isPublic(ipv6: try ipv6(text)))
    }
}
