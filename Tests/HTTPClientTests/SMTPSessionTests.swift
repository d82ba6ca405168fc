// SPDX-License-Identifier: Apache-2.0
import Configuration
import Foundation
import HTTPClient
import TestSupport
import Testing

struct SMTPSessionTests {
    private func message(to recipients: [String], text: String = "Subject: a\r\n\r\nb\r\n") -> SMTPMessage {
        SMTPMessage(envelopeFrom: "from@example.com", recipients: recipients, bytes: Array(text.utf8))
    }

    @Test func `NOT-01: messages arrive as they are, also with dots at line starts`() async throws {
        try await TestMailServer.run { server in
            let session = try SMTPSession(SMTPServer(host: "127.0.0.1", port: server.port, security: .none))
            let text = "Subject: a\r\n\r\n.\r\n..dots\r\n\(String(repeating: "long line é\r\n", count: 10_000))"
            let envelope = "from@example.com -> a@example.com,b@example.com\r\n" + text
            for number in 1...3 {
                #expect(try await session.send(message(to: ["a@example.com", "b@example.com"], text: text)) == 250)
                #expect(try server.message(number) == Data(envelope.utf8))
            }
        }
    }

    @Test(arguments: [("450-a@x.org", 450, true), ("550-a@x.org", 550, false), ("data554@x.org", 554, false)])
    func `a refusal has its reply code`(recipient: String, replyCode: Int, isRetriable: Bool) async throws {
        try await TestMailServer.run { server in
            let session = try SMTPSession(SMTPServer(host: "127.0.0.1", port: server.port, security: .none))
            let error = await #expect(throws: HTTPClientError.self) {
                try await session.send(message(to: [recipient]))
            }
            #expect(error == .smtpRejected(replyCode: replyCode))
            #expect(error?.isRetriable == isRetriable)
            #expect(error?.smtpReplyCode == replyCode)
            #expect(try await session.send(message(to: ["good@x.org"])) == 250)
        }
    }

    @Test func `a lost connection and an absent server are retriable`() async throws {
        var port = 0
        try await TestMailServer.run { server in
            port = server.port
            let session = try SMTPSession(SMTPServer(host: "127.0.0.1", port: server.port, security: .none))
            let error = await #expect(throws: HTTPClientError.self) {
                try await session.send(message(to: ["drop-a@x.org"]))
            }
            #expect(error == .connectionLost)
        }
        let session = try SMTPSession(SMTPServer(host: "127.0.0.1", port: port, security: .none))
        await #expect(throws: HTTPClientError.connectFailed) { try await session.send(message(to: ["a@x.org"])) }
        #expect(HTTPClientError.connectFailed.isRetriable && HTTPClientError.connectionLost.isRetriable)
    }

    @Test func `STARTTLS is required, verified and comes before the password`() async throws {
        try await TestMailServer.run(["starttls"]) { server in
            var configuration = HTTPSessionConfiguration()
            configuration.certificateAuthorityFile = server.folder.appending(path: "certificate.pem").path
            var address = SMTPServer(host: "localhost", port: server.port, security: .startTLS)
            address.user = "test"
            address.password = Secret(Array("secret".utf8))
            let replyCode = try await SMTPSession(address, configuration: configuration).send(message(to: ["a@x.org"]))
            #expect(replyCode == 250)
            await #expect(throws: HTTPClientError.tlsFailed) {
                try await SMTPSession(address).send(message(to: ["a@x.org"]))
            }
            address.password = Secret(Array("wrong".utf8))
            await #expect(throws: HTTPClientError.smtpRejected(replyCode: 535)) {
                try await SMTPSession(address, configuration: configuration).send(message(to: ["a@x.org"]))
            }
            address.security = .none
            await #expect(throws: HTTPClientError.self) {
                try await SMTPSession(address).send(message(to: ["a@x.org"]))
            }
        }
        try await TestMailServer.run { plain in
            let session = try SMTPSession(SMTPServer(host: "localhost", port: plain.port, security: .startTLS))
            await #expect(throws: HTTPClientError.tlsFailed) { try await session.send(message(to: ["a@x.org"])) }
        }
    }

    @Test func `nothing that could become a command or a second message is sent`() async throws {
        let session = try SMTPSession(SMTPServer(host: "127.0.0.1", port: 9, security: .none))
        let messages = [
            message(to: []), message(to: ["a@x.org>\r\nRCPT TO:<b@x.org"]), message(to: ["a b@x.org"]),
            message(to: ["a@x.org"], text: "a\n.\r\n"), message(to: ["a@x.org"], text: "a\r.\r\n"),
            message(to: ["a@x.org"], text: "a"),
        ]
        for message in messages {
            let error = await #expect(throws: HTTPClientError.self) { try await session.send(message) }
            guard case .invalidRequest = error else {
                Issue.record("sent although it is invalid")
                continue
            }
        }
    }
}
