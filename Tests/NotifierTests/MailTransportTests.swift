// SPDX-License-Identifier: Apache-2.0
import Clocks
import Foundation
import HTTPClient
import TestSupport
import Testing

@testable import Notifier

@Suite struct MailTransportTests {
    private func mail(to address: String = "zoe@example.org", id: String = "r.1.completed@example.org") throws
        -> MailMessage
    {
        MailMessage(
            messageID: id, from: try #require(Mailbox("Paraph <paraph@example.org>")),
            to: try #require(Mailbox(name: "Zoë", address: address)), subject: "Grüße",
            date: Instant(microseconds: 1_795_176_000_000_000), headers: [], body: ".\nHello Zoë\n")
    }

    private func withFolder(_ body: (URL) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "mail-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(folder)
    }

    private func transport(to server: TestMailServer) throws -> SMTPTransport {
        try SMTPTransport(SMTPServer(host: "127.0.0.1", port: server.port, security: .none))
    }

    @Test func `a mail drop holds one file for each Message-ID`() async throws {
        try await withFolder { folder in
            let drop = MailDrop(folder: folder.path)
            try await drop.send(mail())
            try await drop.send(mail())
            try await drop.send(mail(id: "r.2.completed@example.org"))
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
            #expect(names == ["r.1.completed.eml", "r.2.completed.eml"])
            #expect(try Data(contentsOf: folder.appending(path: names[0])) == Data(try mail().bytes))
        }
    }

    @Test func `a mail drop that cannot be written is waited for`() async throws {
        try await withFolder { folder in
            await #expect(throws: MailFailure(code: "mail_drop_unwritable", isRetriable: true)) {
                try await MailDrop(folder: folder.path + "/missing").send(mail())
            }
        }
    }

    @Test func `a mail reaches an SMTP server as it was written`() async throws {
        try await TestMailServer.run { server in
            try await transport(to: server).send(mail())
            let envelope = Data("paraph@example.org -> zoe@example.org\r\n".utf8)
            #expect(try server.message(1) == envelope + Data(try mail().bytes))
        }
    }

    @Test(
        arguments: [
            ("450-a@x.org", "smtp_450", true), ("550-a@x.org", "smtp_550", false), ("data554@x.org", "smtp_554", false),
            ("535-a@x.org", "smtp_535", true), ("drop-a@x.org", "smtp_unreachable", true),
        ])
    func `a refusal of the recipient is final, of us or for now it is not`(
        address: String, code: String, isRetriable: Bool
    ) async throws {
        try await TestMailServer.run { server in
            let transport = try transport(to: server)
            await #expect(throws: MailFailure(code: code, isRetriable: isRetriable)) {
                try await transport.send(mail(to: address))
            }
        }
    }

    @Test func `a server that is away is waited for`() async throws {
        let transport = try SMTPTransport(SMTPServer(host: "127.0.0.1", port: 9, security: .none))
        await #expect(throws: MailFailure(code: "smtp_unreachable", isRetriable: true)) {
            try await transport.send(mail())
        }
    }
}
