// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Cryptography
import Foundation
import PDFVerification

/// Signed PDFs that pyHanko makes when the tests run, with certificates that end in 2026 and in 2030.
///
/// The signatures are of 2026-11-10; `Fixtures/produce.py` says what else is when.
struct ForeignSignatures {
    /// Nil without pyHanko.
    static let shared: ForeignSignatures? = try? ForeignSignatures()

    let root: Certificate
    /// Another authority of the same name.
    let stranger: Certificate
    private let files: [String: [UInt8]]

    private init() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "signatures-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/produce.py")
        let judges = ProcessInfo.processInfo.environment["PARAPH_JUDGES"] ?? ""
        let process = Process()
        process.executableURL = URL(filePath: "\(judges)/python3")
        process.arguments = [script.path, folder.path]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        var files: [String: [UInt8]] = [:]
        for name in ["b-b", "b-t", "b-lta", "renewed", "revoked-before", "revoked-after"] {
            files[name] = [UInt8](try Data(contentsOf: folder.appending(path: "\(name).pdf")))
        }
        self.files = files
        func certificate(_ name: String) throws -> Certificate {
            try Certificate.certificates(pem: [UInt8](Data(contentsOf: folder.appending(path: name))))[0]
        }
        root = try certificate("root.pem")
        stranger = try certificate("other.pem")
    }

    func bytes(_ name: String) -> [UInt8] { files[name] ?? [] }

    func verify(
        _ name: String, on date: String, trust: [Certificate]? = nil,
        revocation: VerificationPolicy.RevocationRule = .whereCarried
    ) throws -> VerificationReport {
        try verify(bytes(name), on: date, trust: trust, revocation: revocation)
    }

    func verify(
        _ bytes: [UInt8], on date: String, trust: [Certificate]? = nil,
        revocation: VerificationPolicy.RevocationRule = .whereCarried
    ) throws -> VerificationReport {
        let time = Instant(rfc3339: "\(date)T12:00:00Z") ?? Instant(microseconds: 0)
        return try SignatureVerifier(source: ArraySource(bytes))
            .verify(VerificationPolicy(trust: trust ?? [root], time: time, revocation: revocation))
    }
}
