// SPDX-License-Identifier: Apache-2.0
package import Clocks

/// One recipient's turn: the state that changes, apart from who the person is.
package struct SigningRequest: Sendable, Hashable, Codable {
    package let requestID: RequestID
    package let role: RecipientRole
    package let orderIndex: Int
    package internal(set) var status: RequestStatus = .pending
    /// The generation of the valid link, from 1; older links are superseded.
    package internal(set) var generation = 1
    package internal(set) var delivery: DeliveryStatus = .queued
    package internal(set) var deliveryReason: String?
    /// When the routing reached the recipient.
    package internal(set) var openedAt: Instant?
    package internal(set) var notifiedAt: Instant?
    package internal(set) var viewedAt: Instant?
    package internal(set) var consentedAt: Instant?
    package internal(set) var signedAt: Instant?
    package internal(set) var declinedAt: Instant?
    package internal(set) var submission: Submission?
    /// The documents that bear this recipient's signature already.
    package internal(set) var signedDocuments: [DocumentID] = []

    init(_ recipient: Recipient) {
        requestID = recipient.requestID
        role = recipient.role
        orderIndex = recipient.orderIndex
    }

    private enum CodingKeys: String, CodingKey {
        case requestID = "request_id"
        case role
        case orderIndex = "order_index"
        case status, generation, delivery
        case deliveryReason = "delivery_reason"
        case openedAt = "opened_at"
        case notifiedAt = "notified_at"
        case viewedAt = "viewed_at"
        case consentedAt = "consented_at"
        case signedAt = "signed_at"
        case declinedAt = "declined_at"
        case submission
        case signedDocuments = "signed_documents"
    }
}
