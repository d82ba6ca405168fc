// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import FileSystem
import Foundation
import Keys
import PDFSyntax

/// Has documents from outside judged by `paraph-verifier`, each in a process with limits of its own.
///
/// A document that is made to break a parser ends that process and nothing else. It is handed over in memory: it belongs
/// to no envelope, so it is not stored.
struct DocumentVerifier: Sendable {
    private static let unreadable: Int32 = 65
    /// What a shell makes of SIGKILL; here it stands for every signal.
    private static let killed: Int32 = 128 + SIGKILL
    /// A report of a hundred signatures with all their changes has some 100 KB.
    private static let mostOutputBytes = 8 << 20

    let program: String
    /// A PEM file of certificates; nil trusts nobody, which leaves every signature indeterminate.
    let trust: String?
    /// As many judgements at once as it has threads.
    let pool: BlockingPool
    var longestSeconds = 10
    var mostBytes = 100 << 20

    /// The report as `paraph verify --json` prints it, without the file's name.
    /// - Throws: `PDFError` for what cannot be read, or needed more than the limits; `DocumentVerifierError`.
    func verify(_ document: AnonymousFile) async throws -> JSONValue {
        let (status, output) = try await pool.run { try run(document) }
        switch status {
        case 0:
            guard let report = try? JSONValue(parsing: output, maximumDepth: 32) else { break }
            return report
        case Self.unreadable:
            guard let refusal = try? JSONValue(parsing: output, maximumDepth: 32),
                let code = refusal["code"]?.stringValue.flatMap(PDFError.Code.init(rawValue:)),
                let detail = refusal["detail"]?.stringValue
            else { break }
            throw PDFError(code, detail)
        case Self.killed:
            // Its time was over, or it crashed, as an allocation beyond the memory limit makes it do.
            throw PDFError(
                .tooComplex,
                "Judging the document needs more than \(longestSeconds) s or \(mostBytes >> 20) MB.")
        default: break
        }
        throw DocumentVerifierError(status: status, output: String(decoding: output.prefix(500), as: UTF8.self))
    }

    /// Limits come from outside, by programs of every Debian, before the first byte of the document is looked at.
    private func run(_ document: AnonymousFile) throws -> (status: Int32, output: [UInt8]) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/timeout")
        process.arguments =
            [
                "--signal=KILL", "\(longestSeconds)", "prlimit", "--data=\(mostBytes)",
                "--cpu=\(longestSeconds)", "--fsize=0", "--core=0", "--nofile=64", program,
            ] + (trust.map { [$0] } ?? [])
        // Nothing of the service's settings, least of all the names of its secrets.
        process.environment = ["PATH": "/usr/bin:/bin"]
        process.standardInput = FileHandle(fileDescriptor: document.descriptorNumber, closeOnDealloc: false)
        let pipe = Pipe()
        process.standardOutput = pipe
        // Only a run that has no report writes there: what it says is the reason.
        process.standardError = pipe
        try process.run()
        var output: [UInt8] = []
        while let piece = try pipe.fileHandleForReading.read(upToCount: 1 << 16), !piece.isEmpty {
            output += piece
            guard output.count <= Self.mostOutputBytes else {
                // timeout(1) leads a group of its own. Nothing weaker: spawned on a thread of Dispatch, it has SIGTERM blocked.
                kill(-process.processIdentifier, SIGKILL)
                process.waitUntilExit()
                return (Self.killed, [])
            }
        }
        process.waitUntilExit()
        return (process.terminationReason == .exit ? process.terminationStatus : Self.killed, output)
    }
}

/// The verifier did not do its part: it is not there, cannot read the certificates to trust, or is another version.
struct DocumentVerifierError: Error, CustomStringConvertible {
    let status: Int32
    /// The first 500 bytes of what it said.
    let output: String

    var description: String { "paraph-verifier ended with \(status): \(output)" }
}
