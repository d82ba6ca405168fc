// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc

/// A real broker on loopback with a data folder of its own; it ends with the test process, whatever that ends of.
actor KafkaBroker {
    /// The folder with `start`, from KAFKA_HOME or beside the repository; nil where there is none.
    static let home: String? = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let home =
            ProcessInfo.processInfo.environment["KAFKA_HOME"]
            ?? root.deletingLastPathComponent().appendingPathComponent("shared/kafka").path
        return FileManager.default.isExecutableFile(atPath: home + "/start") ? home : nil
    }()

    static var isAvailable: Bool { home != nil }

    /// Why a suite is skipped.
    static let absence = "no Kafka broker: set KAFKA_HOME to a folder with its start script"

    /// One for all tests that neither stop nor empty it.
    static let shared = KafkaBroker(isForgetful: true)

    nonisolated let port: Int
    nonisolated let folder: String
    private let isForgetful: Bool
    private let settings: [String]
    private var process: Process?
    private var lifeline: Pipe?
    private var isServing = false

    /// A forgetful one removes its data when it ends; `settings` are lines of its `server.properties`, which may need
    /// the port.
    init(isForgetful: Bool = false, settings: (_ port: Int) -> [String] = { _ in [] }) {
        self.isForgetful = isForgetful
        port = Self.freePort()
        self.settings = settings(port)
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("paraph-kafka-\(UUID())").path
    }

    nonisolated var brokers: String { "127.0.0.1:\(port)" }

    /// Starts it unless it runs, with the data it had, and returns when it serves.
    func start() async throws {
        while process != nil, !isServing { try await Task.sleep(for: .milliseconds(50)) }
        guard process == nil, let home = Self.home else { return }
        let process = Process()
        let lifeline = Pipe()
        let output = folder + ".out"
        _ = FileManager.default.createFile(atPath: output, contents: nil)
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        // The script runs until its standard input ends, which the kernel sees to when this process is gone.
        process.arguments =
            [
                "-c",
                #""$0" "$@" </dev/null & cat >/dev/null; kill $!; wait; \#(isForgetful ? #"rm -rf "$1" "$1.out""# : "")"#,
                home + "/start", folder, "--port", String(port), "--heap", "256m",
            ] + settings.flatMap { ["--set", $0] }
        process.standardInput = lifeline
        process.standardOutput = FileHandle(forWritingAtPath: output)
        try process.run()
        self.process = process
        self.lifeline = lifeline
        for _ in 0..<600 where process.isRunning {
            if FileManager.default.contents(atPath: output)?.starts(with: Data("ready".utf8)) == true {
                isServing = true
                return
            }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw BrokerFailure()
    }

    /// Stops it cleanly; its data stays.
    func stop() async {
        guard let process else { return }
        self.process = nil
        isServing = false
        try? lifeline?.fileHandleForWriting.close()
        lifeline = nil
        while process.isRunning { try? await Task.sleep(for: .milliseconds(20)) }
    }

    /// Forgets all data; only while stopped.
    func empty() throws {
        guard FileManager.default.fileExists(atPath: folder) else { return }
        try FileManager.default.removeItem(atPath: folder)
        try FileManager.default.removeItem(atPath: folder + ".out")
    }

    /// The first of two neighbouring ports that nobody listens on, below those that the kernel gives to clients.
    private static func freePort() -> Int {
        while true {
            let port = 2 * Int.random(in: 5_000..<16_000)
            if isFree(port) && isFree(port + 1) { return port }
        }
    }

    private static func isFree(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    struct BrokerFailure: Error {}
}
