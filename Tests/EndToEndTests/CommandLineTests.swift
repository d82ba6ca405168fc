// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Foundation
import Glibc
import SystemDriver
import TestSupport
import Testing

extension EndToEndTests {
    /// What a person meets who runs the commands for the first time, and makes mistakes with them.
    @Suite struct CommandLine {
        private func paraph(_ words: String...) async throws -> Tool.Result {
            let programs = try #require(SystemOptions.builtPrograms)
            return try await Tool.run([programs.appendingPathComponent("paraph").path] + words)
        }

        @Test(arguments: ["demo", "test", "bench"])
        func `help and wrong words are answered before anything is installed or built`(name: String) async throws {
            let script = SourceTree.root.appendingPathComponent("deploy/\(name)").path
            let help = try await Tool.run([script, "--help"], timeoutSeconds: 10)
            #expect(help.status == 0 && help.output.contains("deploy/\(name) ["), "\(help.output)")
            let wrong = try await Tool.run([script, "--nothing"], timeoutSeconds: 10)
            #expect(wrong.status == 64 && wrong.output.contains("--nothing"), "\(wrong.output)")
        }

        @Test func `OPS-01: a document that cannot be read stops the demonstration before it starts`() async throws {
            let script = SourceTree.root.appendingPathComponent("deploy/demo").path
            let unbuilt = try await Tool.run([script, "/nonexistent.pdf"], timeoutSeconds: 10)
            #expect(unbuilt.status == 66 && unbuilt.output.contains("/nonexistent.pdf"), "\(unbuilt.output)")
            let built = try await paraph("dev", "--demo", "/nonexistent.pdf")
            #expect(built.status == 65 && built.output == "paraph dev: cannot read /nonexistent.pdf\n")
        }

        @Test func `OPS-01: a document that is no PDF is refused in words, and nothing stays behind`() async throws {
            let folder = try Tool.scratchFolder("letter")
            defer { try? FileManager.default.removeItem(at: folder) }
            let letter = folder.appendingPathComponent("letter.pdf")
            try Data("Dear all".utf8).write(to: letter)
            let port = try PortRange.find()
            let result = try await paraph(
                "dev", "--demo", letter.path, "--out", folder.appendingPathComponent("out.pdf").path, "--port",
                String(port))
            #expect(
                result.status == 1 && result.output.contains("There is no PDF header"), "\(result.output)")
            #expect(Listener(port: port) != nil)
        }

        @Test func `OPS-01: a taken port is named`() async throws {
            let port = try PortRange.find()
            let listener = try #require(Listener(port: port + 3))
            let result = try await paraph("dev", "--demo", "--out", "/tmp/never.pdf", "--port", String(port))
            withExtendedLifetime(listener) {
                #expect(
                    result.status == 1 && result.output.contains("port \(port + 3) on 127.0.0.1"), "\(result.output)")
            }
        }

        @Test func `OPS-01: a missing right is explained`() async throws {
            // Not even root may write there.
            let data = try await paraph("dev", "--demo", "--out", "/tmp/never.pdf", "--data", "/proc/paraph")
            #expect(data.status == 1 && data.output.hasPrefix("paraph dev: cannot use /proc/paraph"), "\(data.output)")
            let output = try await paraph("dev", "--demo", "--out", "/proc/self/nothing/signed.pdf")
            #expect(output.status == 1 && output.output.contains("--out FILE"), "\(output.output)")
        }

        @Test(.enabled(if: Tool.exists("curl"), "needs curl"))
        func `OPS-01: kept running it invites, its curl lines work, Ctrl-C ends all, and again on the same data`()
            async throws
        {
            let folder = try Tool.scratchFolder("keep")
            defer { try? FileManager.default.removeItem(at: folder) }
            let port = try PortRange.find()
            for _ in 1...2 {
                let demonstration = try KeptDemonstration(folder: folder, port: port)
                let output = try await demonstration.untilRunning()
                #expect(output.contains("Caught mails: \(folder.path)/data/mail"))
                let link = try #require(output.split(separator: "\n").first { $0.hasPrefix("Sign one yourself: ") })
                let token = try #require(output.firstMatch(of: /TOKEN=(\S+)/)).1
                let client = try SystemClient(publicURL: "http://127.0.0.1:\(port)", token: String(token))
                try await SigningVisit(client: client, link: String(link.dropFirst(19))).sign()
                let lines = demonstration.copied(output)
                #expect(lines.count { $0.hasPrefix("curl ") } == 3)
                let script = lines.map { $0.replacing("curl ", with: "curl -sS --fail-with-body ") }
                let copied = try await Tool.run(
                    ["sh", "-ec", script.prefix(2).joined(separator: "\n")], folder: folder, timeoutSeconds: 30)
                #expect(copied.status == 0 && copied.output.contains("\"status\":\"sent\""), "\(copied.output)")
                let document = try #require(lines.last?.firstMatch(of: /documents\/([0-9a-f-]{36})/)).1
                try await client.wait(for: "completed", of: String(document))
                let rest = [script[0]] + script.dropFirst(2)
                let fetched = try await Tool.run(
                    ["sh", "-ec", rest.joined(separator: "\n")], folder: folder, timeoutSeconds: 30)
                #expect(fetched.status == 0, "\(fetched.output)")
                let signed = try Data(contentsOf: folder.appendingPathComponent("signed.pdf"))
                #expect(signed.starts(with: Data("%PDF".utf8)))
                #expect(try await demonstration.interrupted() == 130)
                #expect((port..<(port + PortRange.count)).allSatisfy { Listener(port: $0) != nil })
            }
        }

        @Test func `the bench refuses wrong words with 64 and prints one object a line with --json`() async throws {
            let bench = try #require(SystemOptions.builtPrograms).appendingPathComponent("Bench").path
            for words in [
                ["--nothing"], ["--only", "speed"], ["pdf", "--kafka"], ["--only"], ["--concurrency", "0"],
            ] {
                let result = try await Tool.run([bench] + words, timeoutSeconds: 20)
                #expect(result.status == 64 && result.output.contains("usage: deploy/bench"), "\(result.output)")
            }
            let result = try await Tool.run([bench, "pdf", "--json", "--quick", "--only", "pdf_30k_p256"])
            let objects = result.output.split(separator: "\n").filter { $0.hasPrefix("{") }
            #expect(result.status == 0 && objects.count == 1, "\(result.output)")
            let figure = try JSONValue(parsing: Array(try #require(objects.first).utf8))
            #expect(
                Set(try #require(figure.objectValue).keys) == ["name", "value", "unit", "limit", "ratio", "detail"])
            #expect(figure["name"] == "pdf_30k_p256" && figure["detail"]?.objectValue != nil)
            #expect(figure["value"]?.doubleValue != nil && figure["ratio"]?.doubleValue != nil)
        }
    }
}

/// A socket that listens on a port of loopback for as long as it is kept; nil where somebody else does.
private final class Listener {
    private let descriptor: Int32

    init?(port: Int) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var reuse: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &reuse, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let isBound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isBound, listen(descriptor, 1) == 0 else { return nil }
    }

    deinit { close(descriptor) }
}

/// `paraph dev --demo --keep` in a folder of its own, as a person starts it and ends it with Ctrl-C.
private final class KeptDemonstration {
    private let process = Process()
    private let output: URL

    init(folder: URL, port: Int) throws {
        output = folder.appendingPathComponent("output")
        _ = FileManager.default.createFile(atPath: output.path, contents: nil)
        let log = try FileHandle(forWritingTo: output)
        try log.truncate(atOffset: 0)
        process.executableURL = try #require(SystemOptions.builtPrograms).appendingPathComponent("paraph")
        process.arguments = [
            "dev", "--demo", "--keep", "--data", folder.appendingPathComponent("data").path, "--port", String(port),
            "--out", folder.appendingPathComponent("demo.pdf").path,
        ]
        process.standardOutput = log
        process.standardError = log
        process.standardInput = FileHandle.nullDevice
        try SignalMask.empty { try process.run() }
    }

    /// After a failure the folder is removed, so nothing may go on writing into it.
    deinit {
        guard process.isRunning else { return }
        process.terminate()
        process.waitUntilExit()
    }

    private var text: String { (try? String(contentsOf: output, encoding: .utf8)) ?? "" }

    func untilRunning() async throws -> String {
        try await eventually(timeoutSeconds: 60) { text.contains("Running.") || !process.isRunning }
        try #require(process.isRunning, "\(text)")
        return text
    }

    /// The indented lines, as a person copies them: the token, then three commands.
    func copied(_ output: String) -> [String] {
        output.replacing("\\\n", with: " ").split(separator: "\n").drop { !$0.hasPrefix("  TOKEN=") }
            .filter { $0.hasPrefix("  ") }.map { $0.trimmingCharacters(in: .whitespaces) }
    }

    func interrupted() async throws -> Int32 {
        process.interrupt()
        try await eventually(timeoutSeconds: 60) { !process.isRunning }
        return process.terminationStatus
    }
}
