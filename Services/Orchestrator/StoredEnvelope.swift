// SPDX-License-Identifier: Apache-2.0
import Clocks
import Envelopes
import Foundation

/// Names an envelope's row.
struct EnvelopeKey: Hashable, Comparable {
    let tenantID: TenantID
    let envelopeID: EnvelopeID

    static func < (left: EnvelopeKey, right: EnvelopeKey) -> Bool {
        (left.tenantID, left.envelopeID) < (right.tenantID, right.envelopeID)
    }
}

/// An envelope with what its row says beside the state.
struct StoredEnvelope {
    var envelope: Envelope
    /// Names the stored state.
    let stateID: UUID
    /// The payload of the command that created it, while there is no row yet.
    let creation: [UInt8]?
    /// Since when it may be waiting for an answer: never too late, often too early (see `saved`).
    var awaitingSince: Instant?

    var key: EnvelopeKey { EnvelopeKey(tenantID: envelope.tenantID, envelopeID: envelope.envelopeID) }

    /// The envelope as it stands once the row says so too.
    ///
    /// The column is indexed, and an update that leaves indexed columns alone costs a fraction of another. So an answer
    /// does not clear it: the sweep does, should it come by before the end.
    func saved(as stateID: UUID) -> StoredEnvelope {
        var since = awaitingSince
        if let exact = envelope.awaitingSince {
            since = min(since ?? exact, exact)
        } else if envelope.status.isTerminal {
            since = nil
        }
        return StoredEnvelope(envelope: envelope, stateID: stateID, creation: nil, awaitingSince: since)
    }
}
