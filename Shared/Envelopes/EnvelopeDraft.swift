// SPDX-License-Identifier: Apache-2.0
package import ByteCoding
package import Clocks

/// What a sender asks for, as admitted by intake: ids are fixed, fields are checked against the pages.
package struct EnvelopeDraft: Sendable, Hashable, Codable {
    package let tenantID: TenantID
    package let envelopeID: EnvelopeID
    package let createdAt: Instant
    package let title: String
    package let externalID: String?
    package let metadata: [String: JSONValue]
    /// Whether to open the first order as soon as the prepared version exists.
    package let send: Bool
    package let expiresAt: Instant?
    package let sender: Sender
    package let message: CoverMessage?
    package let documentType: String?
    package let retentionClass: String?
    package let jurisdiction: String?
    package let locale: String
    package let isLive: Bool
    /// The level that the tenant wants for its signatures; nil leaves it to the policy.
    package let padesLevel: PAdESLevel?
    package let documents: [SourceDocument]
    package let recipients: [Recipient]

    package init(
        tenantID: TenantID, envelopeID: EnvelopeID, createdAt: Instant, title: String, externalID: String? = nil,
        metadata: [String: JSONValue] = [:], send: Bool, expiresAt: Instant? = nil, sender: Sender,
        message: CoverMessage? = nil, documentType: String? = nil, retentionClass: String? = nil,
        jurisdiction: String? = nil, locale: String, isLive: Bool, padesLevel: PAdESLevel? = nil,
        documents: [SourceDocument], recipients: [Recipient]
    ) {
        self.tenantID = tenantID
        self.envelopeID = envelopeID
        self.createdAt = createdAt
        self.title = title
        self.externalID = externalID
        self.metadata = metadata
        self.send = send
        self.expiresAt = expiresAt
        self.sender = sender
        self.message = message
        self.documentType = documentType
        self.retentionClass = retentionClass
        self.jurisdiction = jurisdiction
        self.locale = locale
        self.isLive = isLive
        self.padesLevel = padesLevel
        self.documents = documents
        self.recipients = recipients
    }

    private enum CodingKeys: String, CodingKey {
        case tenantID = "tenant_id"
        case envelopeID = "envelope_id"
        case createdAt = "created_at"
        case title
        case externalID = "external_id"
        case metadata, send
        case expiresAt = "expires_at"
        case sender, message
        case documentType = "document_type"
        case retentionClass = "retention_class"
        case jurisdiction, locale
        case isLive = "livemode"
        case padesLevel = "pades_level"
        case documents, recipients
    }
}
