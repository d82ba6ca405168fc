// SPDX-License-Identifier: Apache-2.0
import Envelopes
import ServiceKit

/// Envelopes as this process stored them last, so that the next step need not read them again.
///
/// The row under its lock decides: what is here counts only while the row names the same state. Every state has an id of
/// its own, also after a restore; so it does no harm when another process was here meanwhile, or a commit was lost.
struct EnvelopeCache: Sendable {
    /// At most twice as many are kept, of about 5 KB each.
    private static let capacity = 2000
    /// The most recipients and fields of an envelope that is kept; larger ones are rare, and would fill the memory.
    private static let largestParts = 60

    private let entries = GenerationCache<EnvelopeKey, StoredEnvelope>(capacity: Self.capacity)

    subscript(key: EnvelopeKey) -> StoredEnvelope? { entries[key] }

    /// Keeps what is committed.
    func remember(_ stored: [StoredEnvelope]) {
        for envelope in stored {
            let recipients = envelope.envelope.draft.recipients
            let parts = recipients.reduce(recipients.count) { $0 + $1.fields.count }
            entries[envelope.key] = parts <= Self.largestParts ? envelope : nil
        }
    }
}
