// SPDX-License-Identifier: Apache-2.0
import Clocks
package import Envelopes

extension EnvelopeSnapshot {
    /// The public part of an envelope's state; names, addresses and entered values stay behind.
    package init(of envelope: Envelope) {
        var numbers: [DocumentID: SourceDocument] = [:]
        for source in envelope.draft.documents { numbers[source.documentID] = source }
        self.init(
            tenantID: envelope.tenantID, envelopeID: envelope.envelopeID, status: envelope.status,
            updatedAt: envelope.updatedAt, completedAt: envelope.completedAt, evidence: envelope.evidence,
            automation: nil, retentionClass: envelope.retentionClass, policy: envelope.policy,
            documents: envelope.documents.compactMap { document in
                numbers[document.documentID].map { source in
                    DocumentSnapshot(
                        documentID: document.documentID, documentIndex: source.documentIndex,
                        original: source.original, preparedSHA256: document.prepared?.sha256,
                        prepared: document.prepared, current: document.current,
                        signedSHA256: envelope.status == .completed ? document.current?.sha256 : nil)
                }
            },
            signers: envelope.requests.map { request in
                SignerSnapshot(
                    requestID: request.requestID, status: request.status, generation: request.generation,
                    delivery: DeliverySnapshot(status: request.delivery, reason: request.deliveryReason),
                    openedAt: request.openedAt, notifiedAt: request.notifiedAt, viewedAt: request.viewedAt,
                    signedAt: request.signedAt, declinedAt: request.declinedAt)
            },
            artifacts: envelope.artifacts)
    }
}
