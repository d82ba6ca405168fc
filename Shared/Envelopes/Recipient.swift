// SPDX-License-Identifier: Apache-2.0

/// What a recipient is asked to do.
package enum RecipientRole: String, Sendable, Hashable, Codable, CaseIterable {
    case signer
    /// Gets the completed document and signs nothing.
    case copy
}

/// A person in the routing as the sender named them.
package struct Recipient: Sendable, Hashable, Codable {
    package let requestID: RequestID
    /// The sender's own name for the recipient, unique in the envelope.
    package let key: String
    package let role: RecipientRole
    /// The routing order: from 1 upwards, equal numbers act in parallel.
    package let orderIndex: Int
    package let name: String
    package let email: String
    package let externalID: String?
    package let locale: String?
    package let fields: [FieldPlacement]

    package init(
        requestID: RequestID, key: String, role: RecipientRole, orderIndex: Int, name: String, email: String,
        externalID: String? = nil, locale: String? = nil, fields: [FieldPlacement]
    ) {
        self.requestID = requestID
        self.key = key
        self.role = role
        self.orderIndex = orderIndex
        self.name = name
        self.email = email
        self.externalID = externalID
        self.locale = locale
        self.fields = fields
    }

    private enum CodingKeys: String, CodingKey {
        case requestID = "request_id"
        case key, role
        case orderIndex = "order_index"
        case name, email
        case externalID = "external_id"
        case locale, fields
    }
}

/// In whose name the envelope is sent.
package struct Sender: Sendable, Hashable, Codable {
    package let name: String
    package let email: String
    package let organisation: String

    package init(name: String, email: String, organisation: String) {
        self.name = name
        self.email = email
        self.organisation = organisation
    }
}

/// The sender's words in the mail.
package struct CoverMessage: Sendable, Hashable, Codable {
    package let subject: String?
    package let body: String?

    package init(subject: String?, body: String?) {
        self.subject = subject
        self.body = body
    }
}

/// An uploaded PDF as an envelope begins with it.
package struct SourceDocument: Sendable, Hashable, Codable {
    package let documentID: DocumentID
    package let documentIndex: Int
    package let fileName: String?
    /// The uploaded bytes; their digest is `original_sha256`.
    package let original: ObjectReference
    package let pageCount: Int

    package init(
        documentID: DocumentID, documentIndex: Int, fileName: String?, original: ObjectReference, pageCount: Int
    ) {
        self.documentID = documentID
        self.documentIndex = documentIndex
        self.fileName = fileName
        self.original = original
        self.pageCount = pageCount
    }

    private enum CodingKeys: String, CodingKey {
        case documentID = "document_id"
        case documentIndex = "document_index"
        case fileName = "file_name"
        case original
        case pageCount = "page_count"
    }
}
