// SPDX-License-Identifier: Apache-2.0

/// The words of the event catalogue that audit, webhooks and the read model share.
package enum EnvelopeEventKind: String, Sendable, Hashable, Codable, CaseIterable {
    case envelopePrepared = "envelope.prepared"
    case envelopeSent = "envelope.sent"
    case envelopeCompleted = "envelope.completed"
    case envelopeDeclined = "envelope.declined"
    case envelopeVoided = "envelope.voided"
    case envelopeExpired = "envelope.expired"
    case envelopeFailed = "envelope.failed"
    case recipientOpened = "recipient.opened"
    case recipientNotified = "recipient.notified"
    case recipientViewed = "recipient.viewed"
    case recipientSigning = "recipient.signing"
    case recipientSigned = "recipient.signed"
    case recipientDeclined = "recipient.declined"
    case recipientDeliveryFailed = "recipient.delivery_failed"
    /// A new version proves the same signatures for longer.
    case documentEvidenceExtended = "document.evidence_extended"
    case evidenceSealed = "evidence.sealed"
}
