// SPDX-License-Identifier: Apache-2.0

/// A published message shape: fields are only ever added, and a changed meaning needs a new version.
package protocol VersionedMessage: Sendable, Hashable, Codable {
    /// The `ce_type`: the type's own name with its version.
    static var messageType: String { get }
    /// The one topic it travels on.
    static var topic: Topic { get }
}

/// All messages, for the published interface description and for tests.
package enum MessageCatalogue {
    /// Every message type, by topic in the order of the flow.
    package static let all: [any VersionedMessage.Type] = [
        CreateEnvelopeV1.self, SendEnvelopeV1.self, VoidEnvelopeV1.self, ResendRequestV1.self, RecordViewV1.self,
        SubmitFieldsV1.self, DeclineRequestV1.self, EnvelopeEventV1.self, PrepareDocumentV1.self, SignDocumentV1.self,
        RaiseDocumentV1.self, DocumentPreparedV1.self, DocumentSignedV1.self, DocumentRaisedV1.self,
        SigningJobFailedV1.self, NotifyRecipientV1.self,
        NotificationOutcomeV1.self, StoreEvidenceV1.self, EvidenceStoredV1.self, DisposeArtifactV1.self,
        RetentionScheduledV1.self, DisposalRefusedV1.self, AuditEventV1.self,
    ]
}
