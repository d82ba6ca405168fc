// SPDX-License-Identifier: Apache-2.0
import Clocks
import Contracts
import Envelopes
import Foundation
import Testing

@testable import Notifier

@Suite struct MailMessageTests {
    private func mail(
        name: String? = "Zoë Miller", subject: String = "Offer", body: String = "Hello\n"
    ) throws -> MailMessage {
        MailMessage(
            messageID: "1@example.org", from: try #require(Mailbox("Paraph <paraph@example.org>")),
            to: try #require(Mailbox(name: name, address: "zoe@example.org")), subject: subject,
            date: Instant(microseconds: 1_795_176_000_000_000), headers: [("X-Paraph-Envelope", "e")], body: body)
    }

    /// Python's own mail parser as second opinion: header values and the text, one a line of JSON.
    private func parsed(_ message: MailMessage) throws -> (headers: [String: [String]], body: String, defects: Int) {
        let script = """
            import sys, json, email, email.policy
            m = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)
            h = {}
            for k, v in m.items(): h.setdefault(k, []).append(str(v))
            d = len(m.defects) + sum(len(getattr(v, 'defects', [])) for v in m.values())
            print(json.dumps([h, m.get_content().replace(chr(13) + chr(10), chr(10)), d]))
            """
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-c", script]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data(message.bytes))
        try input.fileHandleForWriting.close()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let list = try #require(try JSONSerialization.jsonObject(with: data) as? [Any])
        return (
            try #require(list[0] as? [String: [String]]), try #require(list[1] as? String),
            try #require(list[2] as? Int)
        )
    }

    @Test func `a mail has the headers of RFC 5322 and text that any relay carries`() throws {
        let text = String(decoding: try mail().bytes, as: UTF8.self)
        #expect(text.hasPrefix("Date: Fri, 20 Nov 2026 "))
        #expect(text.contains("\r\nMessage-ID: <1@example.org>\r\nMIME-Version: 1.0\r\n"))
        #expect(text.contains("\r\nFrom: \"Paraph\" <paraph@example.org>\r\n"))
        #expect(text.contains("\r\n\r\nHello\r\n"))
        #expect(text.utf8.allSatisfy { $0 < 127 })
        #expect(text.components(separatedBy: "\r\n").allSatisfy { $0.utf8.count <= 76 && !$0.contains("\n") })
    }

    @Test(
        arguments: [
            "Zoë Miller", "王小明", "Ana \"the\" Pérez \\", "O'Neil, Pat", "👩‍👩‍👧‍👦 family", "=?utf-8?B?QQ==?=",
            String(repeating: "very long name ", count: 30), String(repeating: "é\u{301}", count: 200), "plain",
        ])
    func `a name comes out as it went in`(name: String) throws {
        let message = try mail(name: name, subject: name)
        let result = try parsed(message)
        #expect(result.defects == 0)
        #expect(result.headers["To"]?.count == 1)
        #expect(result.headers["To"]?.first?.hasSuffix("<zoe@example.org>") == true)
        let subject = try #require(result.headers["Subject"]?.first)
        #expect(subject.trimmingCharacters(in: .whitespaces) == name.trimmingCharacters(in: .whitespaces))
        let header = String(decoding: message.bytes, as: UTF8.self).components(separatedBy: "\r\n\r\n")[0]
        for line in header.components(separatedBy: "\r\n") where line.contains("=?utf-8") {
            #expect(line.utf8.count <= 76)
        }
    }

    @Test(
        arguments: [
            "A\r\nBcc: victim@example.org", "A\nBcc: victim@example.org", "A\rBcc: x", "A\u{2028}Bcc: x", "A\u{0}B",
            "A\r\n\r\nbody", "\r\nBcc: x", "A\u{85}Bcc: x",
        ])
    func `text that people typed adds no header`(text: String) throws {
        let result = try parsed(try mail(name: text, subject: text))
        #expect(result.headers["Bcc"] == nil)
        #expect(result.body == "Hello\n")
        #expect(
            Set(result.headers.keys) == [
                "Date", "From", "To", "Subject", "Message-ID", "MIME-Version", "Content-Type",
                "Content-Transfer-Encoding", "Auto-Submitted", "X-Paraph-Envelope",
            ])
        #expect(result.headers.values.allSatisfy { $0.count == 1 && !$0[0].contains { $0.isNewline } })
    }

    @Test(
        arguments: [
            "Grüße\n", ".\n..\n", "ends with blank \n", "tab\t\n", "=3D\n", "a\r\nb\rc\nd",
            String(repeating: "x", count: 500), String(repeating: "é ", count: 100), "", "\n\nx\n\n",
        ])
    func `a body comes out as it went in, with one kind of line end`(body: String) throws {
        let bytes = QuotedPrintable.encode(body)
        for line in String(decoding: bytes, as: UTF8.self).components(separatedBy: "\r\n") {
            #expect(line.utf8.count <= 76 && !line.hasPrefix(".") && !line.hasSuffix(" ") && !line.hasSuffix("\t"))
        }
        var expected = body.replacingOccurrences(of: "\r\n", with: "\n").replacingOccurrences(of: "\r", with: "\n")
        if !expected.hasSuffix("\n") { expected += "\n" }
        #expect(try parsed(try mail(body: body)).body == expected)
    }

    @Test(
        arguments: [
            "", "a", "@x.org", "a@", "a@@x.org", "a b@x.org", "a@x.org\r\nRCPT TO:<b@x.org>", "a,b@x.org", "a@x.org,b",
            "<a@x.org>", "a@x..org", ".a@x.org", "zoë@x.org", "a@ümlaut.org", "a@[1.2.3.4]", "\"a b\"@x.org",
            String(repeating: "a", count: 250) + "@x.org",
        ])
    func `what could be two addresses or a command is no address`(address: String) {
        #expect(Mailbox(name: nil, address: address) == nil)
    }

    @Test(arguments: ["a@x.org", "first.last+tag@sub.example.org", "o'neil@localhost", "UPPER_case@x-y.org"])
    func `everyday addresses are addresses`(address: String) {
        #expect(Mailbox(name: nil, address: address)?.address == address)
        #expect(Mailbox("Name <\(address)>")?.name == "Name")
    }
}
