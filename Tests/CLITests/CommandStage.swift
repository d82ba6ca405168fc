// SPDX-License-Identifier: Apache-2.0
import Clocks
import Cryptography
import Foundation
import TestSupport

/// A folder with a small authority, a key and sample documents, where `paraph` runs as a process.
final class CommandStage {
    struct Ended {
        let code: Int32
        let output: String
        let complaints: String

        var lastComplaint: String { complaints.split(separator: "\n").last.map(String.init) ?? "" }
        /// The lines of standard output as JSON objects.
        var objects: [[String: Any]] {
            output.split(separator: "\n").compactMap {
                try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
            }
        }
    }

    let folder: URL
    let program: URL

    init() throws {
        program = try TestProduct.executable("paraph")
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("paraph-sign-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let rootKey = try PrivateKey.generate(.p256)
        let now = BusinessClock.system.now()
        func builder(_ name: String, _ profile: CertificateBuilder.Profile) -> CertificateBuilder {
            CertificateBuilder(
                subject: DistinguishedName(commonName: name), profile: profile,
                notBefore: now.advanced(bySeconds: -3_600), notAfter: now.advanced(bySeconds: 1e7))
        }
        let root = try builder("Stage Root", .root).selfSigned(by: rootKey)
        let key = try PrivateKey.generate(.p256)
        let leaf = try builder("Ada Example", .documentSigning).issued(
            for: try key.publicKey(), by: root, key: rootKey)
        try write(try key.pem(), "key.pem")
        try write(try Certificate.pem([leaf, root]), "chain.pem")
        try write(try Certificate.pem([root]), "root.pem")
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    var keyWords: [String] { ["--key", path("key.pem"), "--chain", path("chain.pem")] }

    func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    func write(_ bytes: [UInt8], _ name: String, mode: Int = 0o600) throws {
        let url = folder.appendingPathComponent(name)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: url.path)
    }

    func read(_ name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: folder.appendingPathComponent(name))) }

    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

    /// Everything in the folder or one below, hidden files included.
    func names(_ below: String = "") throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path(below)).sorted()
    }

    func process(_ words: [String], of program: URL? = nil, environment: [String: String] = [:]) -> Process {
        let process = Process()
        process.executableURL = program ?? self.program
        process.arguments = words
        process.currentDirectoryURL = folder
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        return process
    }

    /// Runs a program to its end; `paraph` where none is named.
    func run(_ words: [String], program: String? = nil, environment: [String: String] = [:]) throws -> Ended {
        let process = process(words, of: program.map { URL(fileURLWithPath: $0) }, environment: environment)
        let files = ["stdout", "stderr"].map { path(".\($0)-\(UUID())") }
        for file in files { try Data().write(to: URL(fileURLWithPath: file)) }
        process.standardOutput = FileHandle(forWritingAtPath: files[0])
        process.standardError = FileHandle(forWritingAtPath: files[1])
        try process.run()
        process.waitUntilExit()
        let texts = files.map { String(decoding: FileManager.default.contents(atPath: $0) ?? Data(), as: UTF8.self) }
        for file in files { try FileManager.default.removeItem(atPath: file) }
        return Ended(code: process.terminationStatus, output: texts[0], complaints: texts[1])
    }

    func paraph(_ words: String...) throws -> Ended { try run(words) }

    /// A document of one page.
    static func sample(text: String = "Hello", endings: String = "") -> [UInt8] {
        let content = "BT /F1 12 Tf 20 20 Td (\(text)) Tj ET"
        let objects = [
            "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
            "<</Length \(content.utf8.count)>>\nstream\n\(content)\nendstream",
            "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        ]
        var file = "%PDF-1.7\n"
        var rows = ["0000000000 65535 f \n"]
        for (index, object) in objects.enumerated() {
            let digits = String(file.utf8.count)
            rows.append(String(repeating: "0", count: 10 - digits.count) + digits + " 00000 n \n")
            file += "\(index + 1) 0 obj\n\(object)\nendobj\n"
        }
        let start = file.utf8.count
        file += "xref\n0 \(rows.count)\n\(rows.joined())trailer\n<</Size \(rows.count)/Root 1 0 R>>\n"
        return Array((file + "startxref\n\(start)\n%%EOF\n" + endings).utf8)
    }
}
