// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import FileSystem
import Foundation
import Keys
import PDFSyntax
import ServiceAPI

/// Has documents from outside judged by `paraph-verifier`, each in a process with limits of its own.
///
/// A document that is made to break a parser ends that process and nothing else. It is handed over in memory: it belongs
/// to no envelope, so it is not stored.
struct DocumentVerifier: Sendable {
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
        guard status == 0 || status == 65, let value = try? JSONValue(parsing: output, maximumDepth: 32) else {
            // 137: ended by its time limit. Anything else is a crash, as of an allocation beyond its memory limit.
            throw PDFError(
                .tooComplex,
                "Judging the document needs more than \(longestSeconds) s or \(mostBytes >> 20) MB.")
        }
        if status == 0 { return value }
        guard let code = value["code"]?.stringValue.flatMap(PDFError.Code.init(rawValue:)),
            let detail = value["detail"]?.stringValue
        else { throw DocumentVerifierError.unexpectedAnswer }
        throw PDFError(code, detail)
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
        process.standardError = FileHandle.nullDevice
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationReason == .exit ? process.terminationStatus : 137, Array(bytes))
    }
}

/// The verifier did not do its part.
enum DocumentVerifierError: Error {
    case unexpectedAnswer
}
