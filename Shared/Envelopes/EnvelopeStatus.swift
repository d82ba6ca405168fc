// SPDX-License-Identifier: Apache-2.0

/// Where an envelope stands.
package enum EnvelopeStatus: String, Sendable, Hashable, Codable, CaseIterable {
    /// Accepted; its prepared version is being made.
    case draft
    /// The prepared version exists; waits for `send`.
    case prepared
    /// The first routing order is open; nobody has acted yet.
    case sent
    /// A recipient has opened the page or signed.
    case inProgress = "in_progress"
    /// All signatures are stored and downloadable.
    case completed
    case declined
    case voided
    case expired
    case failed

    /// Whether nothing can change the status any more.
    package var isTerminal: Bool {
        switch self {
        case .draft, .prepared, .sent, .inProgress: false
        case .completed, .declined, .voided, .expired, .failed: true
        }
    }
}

/// Where one recipient's turn stands.
package enum RequestStatus: String, Sendable, Hashable, Codable, CaseIterable {
    /// Not open yet, or open and not yet accepted by the mail server.
    case pending
    /// The mail server accepted the link.
    case notified
    /// The person opened the page by an own step.
    case viewed
    /// Consent and values are recorded; an earlier signature on the document is still being made.
    case consented
    /// The signer works on it.
    case signing
    case signed
    case declined
    case delegated
    case expired
    case superseded

    /// Whether the recipient can still act.
    package var isActionable: Bool {
        switch self {
        case .pending, .notified, .viewed: true
        case .consented, .signing, .signed, .declined, .delegated, .expired, .superseded: false
        }
    }
}

/// What became of the latest mail to a recipient.
package enum DeliveryStatus: String, Sendable, Hashable, Codable, CaseIterable {
    case queued
    case accepted
    case bounced
    case failed
}

/// Whether the vault holds everything of a completed envelope.
package enum EvidenceStatus: String, Sendable, Hashable, Codable, CaseIterable {
    case pending
    case sealed
}

/// Whether deliveries after completion are done; nil in a snapshot while there is nothing to deliver.
package enum AutomationStatus: String, Sendable, Hashable, Codable, CaseIterable {
    case pending
    case delivered
    case failed
}
