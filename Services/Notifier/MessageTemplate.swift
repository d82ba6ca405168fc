// SPDX-License-Identifier: Apache-2.0
import Clocks
import Contracts
import Envelopes

/// What a mail says: who asks, for what, where to sign, and that nobody has to.
struct MessageTemplate {
    let request: NotifyRecipientV1
    /// Only in a mail that asks for a signature.
    let link: String?

    var subject: String {
        if request.kind == .signingRequest, let chosen = request.message?.subject, !chosen.isEmpty { return chosen }
        switch request.kind {
        case .signingRequest: return "\(sender) asks you to sign: \(title)"
        case .completed: return "Signed by everybody: \(title)"
        case .declined: return "Declined: \(title)"
        case .voided: return "Withdrawn: \(title)"
        case .expired: return "Expired: \(title)"
        }
    }

    var body: String {
        var paragraphs = ["Dear \(SingleLine.of(request.name)),"]
        switch request.kind {
        case .signingRequest:
            paragraphs.append("\(asker) asks you to read and sign “\(title)”.")
            if let text = request.message?.body, !text.isEmpty { paragraphs.append(text) }
            if let link { paragraphs.append("Read and sign it here:\n\(link)") }
            if let end = request.expiresAt {
                paragraphs.append("The link works until \(end.rfc3339(fractionDigits: 3)) (UTC).")
            }
            paragraphs.append("The link is yours alone: please do not forward it. You may decline on the same page.")
        case .completed: paragraphs.append("Everybody has signed “\(title)”. Nothing is left for you to do.")
        case .declined: paragraphs.append("“\(title)” was declined, so it will not be signed.")
        case .voided: paragraphs.append("\(asker) withdrew “\(title)”. Its link no longer works.")
        case .expired: paragraphs.append("The time to sign “\(title)” is over. Its link no longer works.")
        }
        if let reason = request.reason, !reason.isEmpty { paragraphs.append("The reason given: \(reason)") }
        paragraphs.append("Questions? Write to \(sender): \(SingleLine.of(request.sender.email))")
        return paragraphs.joined(separator: "\n\n") + "\n"
    }

    // One line each: a name or a title must not be able to add a paragraph that looks like ours.
    private var title: String { SingleLine.of(request.title) }
    private var sender: String { SingleLine.of(request.sender.name) }
    private var asker: String { "\(sender) (\(SingleLine.of(request.sender.organisation)))" }
}
