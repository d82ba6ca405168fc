// SPDX-License-Identifier: Apache-2.0
import HTTPClient

/// Hands mails to the configured server.
struct SMTPTransport: MailTransport {
    let channel = "smtp"
    private let session: SMTPSession

    init(_ server: SMTPServer) throws { session = try SMTPSession(server) }

    /// A server that takes longer is treated as away.
    private static let timeoutSeconds = 30.0
    /// Refusals of us, not of the recipient: the account or the session has to be put right (RFC 4954, 6).
    private static let ownFaults: Set<Int> = [530, 534, 535, 538]

    func send(_ message: MailMessage) async throws {
        do {
            try await session.send(
                SMTPMessage(
                    envelopeFrom: message.from.address, recipients: [message.to.address], bytes: message.bytes),
                timeoutSeconds: Self.timeoutSeconds)
        } catch .smtpRejected(let code) {
            throw MailFailure(
                code: "smtp_\(code)", isRetriable: (400..<500).contains(code) || Self.ownFaults.contains(code))
        } catch .invalidRequest {
            throw MailFailure(code: "mail_malformed", isRetriable: false)
        } catch .cancelled {
            throw CancellationError()
        } catch {
            throw MailFailure(code: "smtp_unreachable", isRetriable: true)
        }
    }
}
