// SPDX-License-Identifier: Apache-2.0
import Contracts
import Cryptography
import Envelopes
import Foundation
import Keys

/// A signing link with all that the page behind it needs.
struct SigningLink: Sendable {
    let tenantID: TenantID
    let envelopeID: EnvelopeID
    let requestID: RequestID
    /// The generation of the link that was used.
    let generation: Int
    let draft: EnvelopeDraft
    /// The newest state that the read model has applied.
    let snapshot: EnvelopeSnapshot
    /// The number of that state, 0 before the first event.
    let sequence: Int64
    /// By document index, then page number less one.
    let pages: [[PageSize]]

    /// The recipient as the sender named them.
    var recipient: Recipient? { draft.recipients.first { $0.requestID == requestID } }
    /// Where the recipient's turn stands.
    var signer: SignerSnapshot? { snapshot.signers.first { $0.requestID == requestID } }
    /// False for a link that a newer one replaced.
    var isCurrent: Bool { generation >= signer?.generation ?? 1 }

    /// True while the read model does not know what the mail of this link followed: that the routing reached the
    /// recipient, or that this link replaced an older one, which is refused from then on.
    var isAheadOfReadModel: Bool {
        guard let signer, recipient?.role == .signer else { return false }
        return (signer.openedAt == nil || signer.generation < generation) && !snapshot.status.isTerminal
    }

    /// Whether there is something final to tell the person: the signature, or the envelope's end.
    var isSettled: Bool { signer?.status == .signed || snapshot.status.isTerminal }

    /// The same link at a newer state of its envelope.
    func moved(to move: EnvelopeMove) -> SigningLink {
        SigningLink(
            tenantID: tenantID, envelopeID: envelopeID, requestID: requestID, generation: generation, draft: draft,
            snapshot: move.snapshot, sequence: move.sequence, pages: pages)
    }
}

/// A page as displayed, in points.
struct PageSize: Sendable, Hashable, Codable {
    let width: Double
    let height: Double
}

extension LinkKey {
    /// What is stored of a link's token.
    func digest(request: RequestID, generation: Int) -> [UInt8] {
        LinkToken.digest(of: token(request: request.uuid, generation: generation))
    }
}

/// The token in the path of a signing link.
enum LinkToken {
    /// What is stored of it.
    static func digest(of token: UUID) -> [UInt8] { SHA256.digest(of: Array(token.uuidString.lowercased().utf8)) }
}
