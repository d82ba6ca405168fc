// SPDX-License-Identifier: Apache-2.0

/// What the person agreed to: the disclosure that was shown and the exact version of each document.
package struct Consent: Sendable, Hashable, Codable {
    package let disclosureSHA256: ContentDigest
    package let documents: [ConsentedDocument]

    package init(disclosureSHA256: ContentDigest, documents: [ConsentedDocument]) {
        self.disclosureSHA256 = disclosureSHA256
        self.documents = documents
    }

    private enum CodingKeys: String, CodingKey {
        case disclosureSHA256 = "disclosure_sha256"
        case documents
    }
}

/// One document in a consent, named by its prepared version.
package struct ConsentedDocument: Sendable, Hashable, Codable {
    package let documentID: DocumentID
    package let preparedSHA256: ContentDigest
    /// The revision that was on screen, when it was not the prepared version itself.
    package let revisionSHA256: ContentDigest?

    package init(documentID: DocumentID, preparedSHA256: ContentDigest, revisionSHA256: ContentDigest? = nil) {
        self.documentID = documentID
        self.preparedSHA256 = preparedSHA256
        self.revisionSHA256 = revisionSHA256
    }

    private enum CodingKeys: String, CodingKey {
        case documentID = "document_id"
        case preparedSHA256 = "prepared_sha256"
        case revisionSHA256 = "revision_sha256"
    }
}

/// All that a recipient posted to sign; the same submission again is a replay.
package struct Submission: Sendable, Hashable, Codable {
    package let consent: Consent
    package let values: [FieldValue]
    package let signatureImage: ObjectReference?

    package init(consent: Consent, values: [FieldValue], signatureImage: ObjectReference?) {
        self.consent = consent
        self.values = values
        self.signatureImage = signatureImage
    }

    private enum CodingKeys: String, CodingKey {
        case consent, values
        case signatureImage = "signature_image"
    }
}
