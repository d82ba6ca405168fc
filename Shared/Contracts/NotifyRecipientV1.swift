// SPDX-License-Identifier: Apache-2.0
package import Clocks
package import Envelopes

/// Send one mail; request, generation and kind together are its idempotency key.
package struct NotifyRecipientV1: VersionedMessage {
    package static let messageType = "NotifyRecipientV1"
    package static let topic = Topic.notificationRequests

    package let tenantID: TenantID
    package let envelopeID: EnvelopeID
    package let requestID: RequestID
    /// The link of this generation goes into the mail.
    package let generation: Int
    package let kind: NotificationKind
    package let name: String
    package let email: String
    package let locale: String
    package let title: String
    package let sender: Sender
    package let message: CoverMessage?
    /// Why it was declined or voided, as the person wrote it.
    package let reason: String?
    package let expiresAt: Instant?
    package let requestedAt: Instant

    package init(
        tenantID: TenantID, envelopeID: EnvelopeID, requestID: RequestID, generation: Int, kind: NotificationKind,
        name: String, email: String, locale: String, title: String, sender: Sender, message: CoverMessage? = nil,
        reason: String? = nil, expiresAt: Instant? = nil, requestedAt: Instant
    ) {
        self.tenantID = tenantID
        self.envelopeID = envelopeID
        self.requestID = requestID
        self.generation = generation
        self.kind = kind
        self.name = name
        self.email = email
        self.locale = locale
        self.title = title
        self.sender = sender
        self.message = message
        self.reason = reason
        self.expiresAt = expiresAt
        self.requestedAt = requestedAt
    }

    private enum CodingKeys: String, CodingKey {
        case tenantID = "tenant_id"
        case envelopeID = "envelope_id"
        case requestID = "request_id"
        case generation, kind, name, email, locale, title, sender, message, reason
        case expiresAt = "expires_at"
        case requestedAt = "requested_at"
    }
}
