// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import CLI

@Suite struct SignCommandTests {
    private let stage: CommandStage

    init() throws {
        stage = try CommandStage()
        try stage.write(CommandStage.sample(), "a.pdf")
    }

    private func sign(_ words: String...) throws -> CommandStage.Ended {
        try stage.run(["sign"] + words + stage.keyWords)
    }

    // MARK: One file

    @Test func `SIG-01: a file is signed beside its input, which stays, and passes with the root`() throws {
        let before = try stage.read("a.pdf")
        let ended = try sign("a.pdf", "--name", "Ada", "--reason", "Approved")
        #expect(ended.code == 0 && ended.complaints.isEmpty)
        #expect(ended.output.contains("signed in field Signature1 (b-b)"))
        #expect(try stage.read("a.pdf") == before)
        #expect(try stage.read("a-signed.pdf").starts(with: before))
        #expect(try stage.paraph("verify", "a-signed.pdf", "--trust", "root.pem").code == 0)
        let untrusted = try stage.paraph("verify", "a-signed.pdf", "--json")
        #expect(untrusted.code == 1)
        let signature = try #require((untrusted.objects.first?["signatures"] as? [[String: Any]])?.first)
        #expect(signature["indication"] as? String == "INDETERMINATE" && signature["signer"] as? String == "Ada")
        #expect(signature["integrity"] as? String == "intact" && signature["coverage"] as? String == "whole_file")
    }

    @Test func `one object a file says what became of it`() throws {
        let ended = try sign("a.pdf", "--json", "--field", "Seal", "-o", "b.pdf")
        #expect(ended.code == 0)
        let object = try #require(ended.objects.first)
        #expect(
            object as NSDictionary == [
                "file": "a.pdf", "status": "signed", "output": "b.pdf", "field": "Seal", "level": "b-b",
            ] as NSDictionary)
    }

    @Test func `the output has the rights of its input, and may be the input`() throws {
        try stage.write(CommandStage.sample(), "private.pdf", mode: 0o640)
        #expect(try sign("private.pdf", "-o", "private.pdf").code == 0)
        let attributes = try FileManager.default.attributesOfItem(atPath: stage.path("private.pdf"))
        #expect(attributes[.posixPermissions] as? Int == 0o640)
        #expect(try stage.paraph("verify", "private.pdf", "--trust", "root.pem").code == 0)
        #expect(try sign("private.pdf", "--out-dir", ".").code == 64)
    }

    @Test func `several signers sign one after the other, in fields added before`() throws {
        #expect(try stage.paraph("sign", "a.pdf", "--add-fields", "A,B", "-o", "fields.pdf").code == 0)
        let inspection = try stage.paraph("inspect", "fields.pdf", "--json").objects.first
        #expect((inspection?["fields"] as? [[String: Any]])?.compactMap { $0["name"] as? String } == ["A", "B"])
        #expect(try sign("fields.pdf", "-o", "one.pdf").output.contains("in field A"))
        #expect(try sign("one.pdf", "-o", "two.pdf", "--field", "B").code == 0)
        #expect(try stage.paraph("verify", "two.pdf", "--trust", "root.pem").code == 0)
        let late = try sign("two.pdf", "-o", "three.pdf", "--field", "A")
        #expect(late.code == 3 && late.lastComplaint.contains("field_") && !stage.exists("three.pdf"))
    }

    @Test func `SIG-03: what a certification forbids is refused with the reason last`() throws {
        #expect(try sign("a.pdf", "-o", "certified.pdf", "--certify", "1").code == 0)
        let ended = try sign("certified.pdf", "-o", "more.pdf")
        #expect(ended.code == 3 && ended.lastComplaint.contains("DocMDP") && !stage.exists("more.pdf"))
        let object = try #require(try sign("certified.pdf", "-o", "more.pdf", "--json").objects.first)
        #expect(object["status"] as? String == "refused" && (object["reason"] as? String)?.contains("DocMDP") == true)
    }

    @Test func `a visible field stands where it was asked for`() throws {
        #expect(try sign("a.pdf", "--page", "1", "--at", "20,30,120,40", "-o", "b.pdf").code == 0)
        let text = String(decoding: try stage.read("b.pdf"), as: UTF8.self)
        #expect(text.contains("[20 130 140 170]"))
        #expect(try sign("a.pdf", "--page", "2", "--at", "20,30,120,40", "-o", "c.pdf").code == 3)
        #expect(try sign("a.pdf", "--at", "290,30,120,40", "-o", "c.pdf").code == 3)
        #expect(!stage.exists("c.pdf"))
    }

    @Test func `what cannot be read ends with 65, what cannot be written with 73`() throws {
        try stage.write(Array("no PDF".utf8), "text.pdf")
        for name in ["text.pdf", "missing.pdf"] {
            let ended = try sign(name)
            #expect(ended.code == 65 && !ended.lastComplaint.isEmpty && ended.output.isEmpty)
        }
        #expect(try sign("a.pdf", "-o", "no/such/folder.pdf").code == 73)
        #expect(try sign("a.pdf", "-o", ".").code == 73)
    }

    @Test func `an encrypted document needs its password`() throws {
        let made = try stage.run(
            ["--encrypt", "user", "owner", "256", "--", "a.pdf", "locked.pdf"], program: "/usr/bin/qpdf")
        try #require(made.code == 0)
        #expect(try sign("locked.pdf").code == 3)
        #expect(try sign("locked.pdf", "--password", "wrong").code == 3)
        #expect(try sign("locked.pdf", "--password", "user").code == 0)
        try stage.write(Array("owner\n".utf8), "password")
        #expect(try sign("locked.pdf", "--password-file", "password", "-o", "b.pdf").code == 0)
        #expect(try stage.paraph("verify", "b.pdf", "--trust", "root.pem", "--password", "user").code == 0)
        #expect(try stage.paraph("verify", "b.pdf", "--trust", "root.pem", "--password-file", "password").code == 0)
        #expect(try stage.paraph("inspect", "b.pdf", "--password-file", "password").code == 0)
        #expect(try stage.paraph("inspect", "b.pdf", "--password-file", "password", "--password", "user").code == 64)
        #expect(try stage.paraph("verify", "b.pdf", "--trust", "password").code == 64)
        #expect(try stage.paraph("verify", "b.pdf", "--trust", "root.pem").code == 65)
    }

    // MARK: Words and keys

    @Test(
        arguments: [
            [], ["--nothing"], ["-o", "b.pdf", "--out-dir", "d"], ["--at", "1,2,3"], ["--at", "1,2,0,4"],
            ["--at", "1,2,3,4,5"], ["--at", "a,b,c,d"], ["--page", "1"], ["--page", "0", "--at", "1,2,3,4"],
            ["--certify", "4"], ["--level", "b-x"], ["--level", "b-t"], ["--tsa", "ftp://x"], ["--jobs", "0"],
            ["--add-fields", "A,,B"], ["--add-fields", "A,A"], ["--password", "a", "--password-file", "b"],
            ["--level", "b-b", "--tsa", "http://x"], ["--json=1"], ["--page", "one", "--at", "1,2,3,4"],
        ])
    func `wrong words end with 64 before anything is read`(words: [String]) throws {
        let ended = try stage.run(["sign"] + (words.isEmpty ? [] : ["a.pdf"]) + words + stage.keyWords)
        #expect(ended.code == 64 && ended.complaints.contains("usage: paraph sign") && ended.output.isEmpty)
    }

    @Test func `key and chain have to be there and belong together`() throws {
        #expect(try stage.paraph("sign", "a.pdf").code == 64)
        #expect(try stage.paraph("sign", "a.pdf", "--key", "key.pem").code == 64)
        let cases = [
            ["--key", "missing.pem", "--chain", "chain.pem"], ["--key", "root.pem", "--chain", "chain.pem"],
            ["--key", "key.pem", "--chain", "root.pem"], ["--key", "key.pem", "--chain", "key.pem"],
            ["--key", "key.pem", "--chain", "chain.pem", "--pss"],
            ["--key", "key.pem", "--chain", "chain.pem", "--image", "key.pem"],
            ["--key", "pkcs11:token=none?module-path=/nonexistent.so"], ["--key", "pkcs11:token=a?pin-value=4711"],
        ]
        for words in cases {
            let ended = try stage.run(["sign", "a.pdf"] + words)
            #expect(ended.code == 1 && !ended.complaints.isEmpty && !ended.complaints.contains("4711"), "\(words)")
        }
        #expect(!stage.exists("a-signed.pdf"))
    }

    @Test func `an encrypted key is opened by a pass phrase that only its owner can read`() throws {
        try stage.write(Array("open sesame\n".utf8), "phrase")
        let made = try stage.run(
            ["pkey", "-in", "key.pem", "-aes256", "-passout", "file:phrase", "-out", "locked.pem"],
            program: "/usr/bin/openssl")
        try #require(made.code == 0)
        let words = ["sign", "a.pdf", "--key", "locked.pem", "--chain", "chain.pem"]
        #expect(try stage.run(words).code == 1)
        #expect(try stage.run(words + ["--passphrase-file", "phrase"]).code == 0)
        try stage.write(Array("wrong".utf8), "wrong")
        #expect(try stage.run(words + ["--passphrase-file", "wrong"]).code == 1)
        try stage.write(Array("open sesame\n".utf8), "public", mode: 0o644)
        #expect(try stage.run(words + ["--passphrase-file", "public"]).code == 1)
    }

    // MARK: Many files

    @Test func `a folder is signed whole, the worst file decides the code, and lines keep the order`() throws {
        for number in 0..<12 {
            try stage.write(CommandStage.sample(text: "\(number)"), "in/\(number / 4)/\(number).pdf")
        }
        try stage.write(Array("no PDF".utf8), "in/2/x.PDF")
        try stage.write(Array("not asked for".utf8), "in/readme.txt")
        let ended = try sign("in", "--out-dir", "out", "--jobs", "4", "--json")
        #expect(ended.code == 65)
        #expect(ended.objects.map { $0["file"] as? String }.count == 13)
        #expect(
            ended.objects.compactMap { $0["file"] as? String }
                == ended.objects.compactMap { $0["file"] as? String }.sorted())
        #expect(ended.objects.count { $0["status"] as? String == "signed" } == 12)
        #expect(ended.lastComplaint.contains("12 signed, 1 unreadable"))
        #expect(!ended.complaints.contains("\r"))
        #expect(try stage.names("out/2") == ["10.pdf", "11.pdf", "8.pdf", "9.pdf"])
        #expect(try stage.paraph("verify", "out/1/4.pdf", "--trust", "root.pem").code == 0)
        #expect(try sign("in", "a.pdf", "-o", "one.pdf").code == 64)
        #expect(try sign("in/0/1.pdf", "a.pdf", "in/0/../0/1.pdf", "--out-dir", "other").code == 64)
    }

    @Test func `a bar is drawn on a terminal, and only there`() throws {
        for number in 0..<3 { try stage.write(CommandStage.sample(), "in/\(number).pdf") }
        let program = stage.program.path
        let words = ([program, "sign", "in", "--out-dir", "out"] + stage.keyWords).joined(separator: " ")
        let watched = try stage.run(["-qec", words, "/dev/null"], program: "/usr/bin/script")
        #expect(watched.code == 0 && watched.output.contains("\r[") && watched.output.contains("3 signed"))
        let single = try stage.run(
            ["-qec", ([program, "sign", "a.pdf"] + stage.keyWords).joined(separator: " "), "/dev/null"],
            program: "/usr/bin/script")
        #expect(single.code == 0 && !single.output.contains("["))
    }

    @Test(
        arguments: [
            (0, 10, 0.0, "[------------------------------] 0/10"),
            (5, 10, 2.0, "[###############---------------] 5/10  2.50/s  2 s left"),
            (10, 10, 0.5, "[##############################] 10/10  20/s  0 s left"),
            (1, 1_000, 1.0, "[------------------------------] 1/1000  1.00/s  16 min 39 s left"),
        ])
    func `the bar says rate and remaining time`(finished: Int, total: Int, seconds: Double, line: String) {
        #expect(SignProgress.line(finished: finished, of: total, after: .seconds(seconds)) == line)
    }

    // MARK: Authorities and interruptions

    @Test func `RES-01: an authority that is down costs the level, not the signature`() throws {
        let ended = try sign("a.pdf", "--tsa", "http://127.0.0.1:9/", "--json")
        #expect(ended.code == 0 && ended.complaints.contains("warning: signed as b-b instead of b-t"))
        let object = try #require(ended.objects.first)
        #expect(object["level"] as? String == "b-b" && (object["warnings"] as? [String])?.count == 1)
        #expect(try stage.paraph("verify", "a-signed.pdf", "--trust", "root.pem").code == 0)
        let strict = try sign("a.pdf", "--tsa", "http://127.0.0.1:9/", "--strict-level", "-o", "strict.pdf")
        #expect(strict.code == 3 && strict.lastComplaint.contains("--strict-level") && !stage.exists("strict.pdf"))
    }

    @Test func `a process that is killed in the middle leaves nothing`() throws {
        let authority = try SilentListener()
        for existing in [false, true] {
            if existing { try stage.write([1, 2, 3], "out/a.pdf") }
            let process = stage.process(
                ["sign", "a.pdf", "--tsa", "http://127.0.0.1:\(authority.port)/", "--out-dir", "out"] + stage.keyWords)
            try process.run()
            // It asks for the timestamp when everything but the last bytes is written.
            try authority.waitForConnection()
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            #expect(try stage.names("out") == (existing ? ["a.pdf"] : []))
        }
        #expect(try stage.read("out/a.pdf") == [1, 2, 3])
    }
}

/// A port that takes connections and never answers.
final class SilentListener {
    private let descriptor: Int32
    let port: UInt16

    struct Failure: Error {}

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let code = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && listen(descriptor, 8) == 0
                    && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard code else { throw Failure() }
        port = UInt16(bigEndian: address.sin_port)
    }

    deinit { close(descriptor) }

    /// Gives up after a minute.
    func waitForConnection() throws {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, 60_000) == 1 else { throw Failure() }
        close(accept(descriptor, nil, nil))
    }
}
