// SPDX-License-Identifier: Apache-2.0
import HTTPClient

/// Hands mails to the configured server.
struct SMTPTransport: MailTransport {
    let channel = "smtp"
    private let session: SMTPSession

    init(_ server: SMTPServer) throws { session = try SMTPSession(server) }

    func send(_ message: MailMessage) async throws {
        do {
            try await session.send(
                SMTPMessage(
                    envelopeFrom: message.from.address, recipients: [message.to.address], bytes: message.bytes))
        } catch {
            let code = error.smtpReplyCode.map { "smtp_\($0)" } ?? "smtp_unreachable"
            throw MailFailure(code: code, isRetriable: error.smtpReplyCode == nil || error.isRetriable)
        }
    }
}
