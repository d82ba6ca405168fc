// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// The layers of the architecture, lowest first; a target imports only from the rows above its own.
private let layers: [[String]] = [
    [
        "CPostgres", "CKafka", "COpenSSL", "CZlib", "CMicroHTTPD", "CCurl", "CHarfBuzz", "CFriBidi", "CPNG", "CPKCS11",
    ],
    ["ByteCoding", "Clocks"],
    ["FileSystem"],
    ["Tracing", "Configuration", "Metrics"],
    ["Logging"],
    ["ServiceKit"],
    ["Postgres", "Kafka", "Cryptography", "Compression", "Typography", "Images", "HTTPServer", "HTTPClient"],
    ["PKCS11"],
    ["PDFSyntax", "Timestamping", "Revocation"],
    ["PDFSigning"],
    ["PDFVerification"],
    ["Envelopes"],
    ["Contracts", "Policy", "Audit", "RetentionRules"],
    ["Keys", "Messaging", "Idempotency"],
    ["Storage", "DevelopmentAuthorities"],
    ["ServiceAPI"],
    ["Intake", "Orchestrator", "Signer", "Notifier", "Vault", "Retention", "Verifier", "CLI", "TestSupport"],
]

struct LayerTests {
    private struct Package: Decodable {
        struct Target: Decodable {
            let name: String
            let type: String
            let path: String
            let target_dependencies: [String]?
        }
        let targets: [Target]
    }

    private let package: Package
    private let ranks = Dictionary(
        uniqueKeysWithValues: layers.enumerated().flatMap { rank, names in names.map { ($0, rank) } })

    init() throws {
        let process = Process()
        let output = Pipe()
        let scratch = FileManager.default.temporaryDirectory.appendingPathComponent("layers-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: scratch) }
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "swift", "package", "--package-path", Repository.root.path, "--scratch-path", scratch.path, "describe",
            "--type", "json",
        ]
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        package = try JSONDecoder().decode(Package.self, from: data)
    }

    @Test func `Every target stands in one layer`() {
        let unknown = package.targets.filter { $0.type != "test" && $0.path.hasPrefix("Tests") == false }
            .map(\.name).filter { ranks[$0] == nil }
        #expect(unknown.isEmpty)
    }

    @Test func `A target depends only on layers above its own`() {
        for target in package.targets {
            guard let rank = ranks[target.name] else { continue }
            for dependency in target.target_dependencies ?? [] {
                #expect((ranks[dependency] ?? .max) < rank, "\(target.name) must not depend on \(dependency)")
            }
        }
    }

    @Test func `A source file imports only what its target declares`() throws {
        for target in package.targets where ranks[target.name] != nil {
            let allowed = Set(target.target_dependencies ?? []).union([target.name])
            for file in try Repository.swiftFiles(under: target.path) {
                for module in try imports(of: file) where ranks[module] != nil {
                    #expect(allowed.contains(module), "\(file.lastPathComponent) imports \(module)")
                }
            }
        }
    }

    private func imports(of file: URL) throws -> [String] {
        try String(contentsOf: file, encoding: .utf8).split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard let place = words.firstIndex(of: "import"), place <= 1, place + 1 < words.count else { return nil }
            return String(words[place + 1])
        }
    }
}
