// SPDX-License-Identifier: Apache-2.0
import CCurl
package import Configuration

/// Where and how to hand in mail.
package struct SMTPServer: Sendable {
    /// How the connection is protected.
    package enum Security: String, Sendable, CaseIterable {
        /// Not at all: for a relay on the same host.
        case none
        /// STARTTLS, required: a server without it is not used.
        case startTLS = "starttls"
        /// TLS from the first byte.
        case tls
    }
    package var host: String
    package var port: Int
    package var security: Security
    package var user: String?
    package var password: Secret?
    /// The name in EHLO; nil takes the host's.
    package var clientName: String?

    /// A server without login; add `user` and `password` for one that asks for it.
    package init(host: String, port: Int, security: Security) {
        self.host = host
        self.port = port
        self.security = security
    }
}

/// A message as it is handed over (RFC 5321): the envelope's addresses and the finished text.
package struct SMTPMessage: Sendable {
    package var envelopeFrom: String
    package var recipients: [String]
    /// RFC 5322 text whose lines end in CR LF; dots at line starts are doubled on the way.
    package var bytes: [UInt8]

    package init(envelopeFrom: String, recipients: [String], bytes: [UInt8]) {
        self.envelopeFrom = envelopeFrom
        self.recipients = recipients
        self.bytes = bytes
    }
}

/// Hands mail to one server; connections are kept for following messages.
package final class SMTPSession: Sendable {
    private let session: HTTPSession
    private let server: SMTPServer

    /// Starts the session's thread; `configuration` gives connect timeout and trusted authorities.
    package init(
        _ server: SMTPServer, configuration: HTTPSessionConfiguration = HTTPSessionConfiguration()
    ) throws(HTTPClientError) {
        self.server = server
        session = try HTTPSession(configuration)
    }

    /// Returns when the server has accepted the message for every recipient.
    /// - Throws: `HTTPClientError.smtpRejected` with the reply code, or a transport error after which the server may have
    ///   accepted the message all the same.
    /// - Returns: The final reply code, 250 as a rule.
    @discardableResult
    package func send(_ message: SMTPMessage, timeoutSeconds: Double = 60) async throws(HTTPClientError) -> Int {
        try check(message)
        let transfer = CurlTransfer(upload: message.bytes, maximumResponseBytes: 65_536, isStreamed: false) {
            [session, server] options in
            session.setCommon(&options, protocols: "smtp,smtps", timeoutSeconds: timeoutSeconds)
            let scheme = server.security == .tls ? "smtps" : "smtp"
            let host = server.host.contains(":") ? "[\(server.host)]" : server.host
            options.set(CURLOPT_URL, "\(scheme)://\(host):\(server.port)/\(server.clientName ?? "")")
            options.set(
                CURLOPT_USE_SSL, Int(server.security == .startTLS ? CURLUSESSL_ALL.rawValue : CURLUSESSL_NONE.rawValue))
            if let user = server.user { options.set(CURLOPT_USERNAME, user) }
            if let password = server.password { options.set(CURLOPT_PASSWORD, password.text) }
            options.set(CURLOPT_MAIL_FROM, message.envelopeFrom)
            options.set(CURLOPT_MAIL_RCPT, list: message.recipients)
            options.set(CURLOPT_UPLOAD, true)
            options.setSize(CURLOPT_INFILESIZE_LARGE, message.bytes.count)
        }
        do throws(HTTPClientError) {
            return try await session.run(transfer).head.status
        } catch {
            // The last reply tells more than libcurl's result, unless the connection itself failed before it.
            if let replyCode = transfer.smtpReplyCode, replyCode >= 400 { throw .smtpRejected(replyCode: replyCode) }
            throw error
        }
    }

    private func check(_ message: SMTPMessage) throws(HTTPClientError) {
        if server.password != nil, server.security == .none {
            throw .invalidRequest("A password is sent over TLS only: set the security to starttls or tls.")
        }
        guard !message.recipients.isEmpty else { throw .invalidRequest("A message needs a recipient.") }
        for address in message.recipients + [message.envelopeFrom] {
            guard FieldCheck.isLine(address), !address.contains(where: { "<> \t".contains($0) }) else {
                throw .invalidRequest("An address has a space, bracket or control character.")
            }
        }
        // A bare CR or LF lets one server see another end of the message than the next (SMTP smuggling).
        var previous: UInt8 = 0
        for byte in message.bytes {
            guard (byte == 0x0A) == (previous == 0x0D) else { throw .invalidRequest("A line does not end in CR LF.") }
            previous = byte
        }
        guard previous == 0x0A else { throw .invalidRequest("The last line does not end in CR LF.") }
    }
}
