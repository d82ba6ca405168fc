// SPDX-License-Identifier: Apache-2.0
import Foundation
import PDFSigning

/// `paraph dev`: the whole system on this machine, supervised, and optionally one document sent through it.
enum DevCommand: Command {
    static let name = "dev"
    static let summary = "run everything on this machine, with a private PostgreSQL; or a demonstration"
    static let usage = """
        usage: paraph dev [--data DIR] [--port N] [--kafka]
               paraph dev --demo [FILE.pdf] [--out FILE] [--keep] [--data DIR] [--port N] [--kafka]
               paraph dev authorities --folder DIR [--port N]
               paraph dev authorities revoke --folder DIR [--reason N] CERT.pem

        Starts PostgreSQL in a private folder and all services on loopback, and stops them on Ctrl-C.

          --demo        send a document to two recipients, sign as both, download and verify; then stop
          --out FILE    where the signed PDF of the demonstration goes (default: beside the current folder's files)
          --keep        after the demonstration, go on until Ctrl-C, with a link to sign oneself
          --data DIR    keep the state in DIR (default: a temporary folder, removed at the end)
          --port N      first of eleven ports to use on 127.0.0.1 (default 8480)
          --kafka       messages go over the Kafka broker started from KAFKA_HOME instead of PostgreSQL
          --restart     start a service again when it ends by itself (for tests that kill)
          --level LEVEL  what the tenant's documents are raised to: b-b, b-t, b-lt or b-lta (default), by the development
                        authorities that run beside the services; counts when DIR is new
          --together    all services under the caller's user, also as root

        authorities  serves only timestamps (RFC 3161), OCSP and revocation lists of a certificate authority made in
                     DIR, until Ctrl-C; writes its root and two signers (RSA-2048, P-256) there, and prints as JSON
                     where everything is. revoke calls back one of its certificates (N: CRLReason of RFC 5280).
        """

    static func run(_ words: [String]) async throws -> Int32 {
        if words.first == "authorities" { return try await AuthoritiesCommand.run(Array(words.dropFirst())) }
        let arguments = try Arguments(
            words, flags: ["demo", "keep", "kafka", "restart", "together"], options: ["data", "port", "out", "level"])
        guard arguments.positional.count <= (arguments.has("demo") ? 1 : 0) else {
            throw UsageError(message: "unexpected word '\(arguments.positional.last ?? "")'")
        }
        let port = try arguments.integer("port", in: 1024...65000, default: 8480)
        if arguments.has("demo") { try checkFiles(of: arguments) }
        let level = arguments["level"]?.lowercased() ?? DevelopmentInstallation.highestLevel
        guard SignatureLevel(rawValue: level.uppercased()) != nil else {
            throw UsageError(message: "--level takes b-b, b-t, b-lt or b-lta")
        }
        let interruption = Interruption()
        let folder = try workingFolder(arguments["data"])
        defer { if arguments["data"] == nil { try? FileManager.default.removeItem(at: folder) } }
        let environment = ProcessInfo.processInfo.environment
        let installation = DevelopmentInstallation(
            folder: folder, firstPort: port, usesKafka: arguments.has("kafka"),
            separatesUsers: geteuid() == 0 && !arguments.has("together"),
            overrides: environment.filter { DevelopmentInstallation.isOverride($0.key) }, level: level)
        let system = try DevelopmentSystem(installation: installation)
        do {
            let result = try await interruption.guarding {
                try await drive(system, arguments: arguments, interruption: interruption)
            }
            await system.stop()
            return result
        } catch {
            await system.stop()
            if error is CancellationError || interruption.happened { return 130 }
            throw error
        }
    }

    /// Before anything starts, which would be in vain.
    private static func checkFiles(of arguments: Arguments) throws {
        if let document = arguments.positional.first, !FileManager.default.isReadableFile(atPath: document) {
            throw CommandFailure("cannot read \(document)", exitCode: CommandFailure.unreadable)
        }
        let folder = arguments["out"].map { URL(fileURLWithPath: $0).deletingLastPathComponent().path } ?? "."
        guard FileManager.default.isWritableFile(atPath: folder) else {
            throw CommandFailure("cannot write the signed PDF into \(folder): name another place with --out FILE")
        }
    }

    @MainActor private static func drive(
        _ system: DevelopmentSystem, arguments: Arguments, interruption: Interruption
    ) async throws -> Int32 {
        let started = ContinuousClock.now
        let access = try await system.start()
        if arguments.has("demo") {
            let document = arguments.positional.first.map { URL(fileURLWithPath: $0) }
            let demonstration = try DemoFlow(
                access: access, installation: system.installation, started: started,
                output: arguments["out"].map { URL(fileURLWithPath: $0) })
            try await demonstration.run(document: try document ?? system.sampleDocument())
            guard arguments.has("keep") else { return 0 }
            try await demonstration.invite(document: try document ?? system.sampleDocument())
        } else {
            DemoFlow.printAccess(access, installation: system.installation, document: "offer.pdf")
        }
        Terminal.say("\nRunning. Ctrl-C stops everything.")
        try await system.watch(restarting: arguments.has("restart"))
        return 0
    }

    /// A folder other users' processes may pass through but not list.
    private static func workingFolder(_ chosen: String?) throws -> URL {
        if let chosen {
            let folder = URL(fileURLWithPath: chosen)
            do {
                try Ownership.folder(folder, mode: 0o711)
            } catch let error as CocoaError {
                throw CommandFailure("cannot use \(folder.path): \(error.localizedDescription)")
            }
            return folder
        }
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "paraph-\(UUID().uuidString.prefix(8))")
        try Ownership.folder(folder, mode: 0o711)
        return folder
    }
}
