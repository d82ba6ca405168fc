// SPDX-License-Identifier: Apache-2.0

/// Where an act of a recipient came from; personal data.
package struct ClientContext: Sendable, Hashable, Codable {
    package let ipAddress: String
    package let userAgent: String?

    package init(ipAddress: String, userAgent: String? = nil) {
        self.ipAddress = ipAddress
        self.userAgent = userAgent
    }

    private enum CodingKeys: String, CodingKey {
        case ipAddress = "ip_address"
        case userAgent = "user_agent"
    }
}
