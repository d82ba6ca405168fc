// SPDX-License-Identifier: Apache-2.0

/// What a mail tells its recipient.
package enum NotificationKind: String, Sendable, Hashable, Codable, CaseIterable {
    case signingRequest = "signing_request"
    case completed
    case declined
    case voided
    case expired
}
