// SPDX-License-Identifier: Apache-2.0
import ByteCoding
package import Foundation

/// Readers of PDF that are not ours.
package enum PDFJudges {
    /// One signature as pyHanko sees it.
    package struct Signature: Sendable {
        package let field: String
        package let isGood: Bool
        /// Whether it has a signature timestamp that is good and, where a root was given, trusted.
        package let isTimestamped: Bool
        package let coverage: String
        /// What changed after the signed revision: NONE, LTA_UPDATES, FORM_FILLING, OTHER.
        package let change: String
    }

    /// One file as pyHanko sees it.
    package struct Report: Sendable {
        package let file: String
        package let error: String?
        package let signatures: [Signature]
        /// Document timestamps, oldest first.
        package let timestamps: [Signature]
        /// Signature fields in each revision, oldest first.
        package let fieldsPerRevision: [Int]
        /// How many of them are filled.
        package let signedPerRevision: [Int]
    }

    /// The interpreter that has pyHanko; nil where none has.
    package static let python: String? = {
        guard let path = Tool.path("python3") else { return nil }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = ["-c", "import pyhanko.sign"]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return nil }
        process.waitUntilExit()
        return process.terminationStatus == 0 ? path : nil
    }()

    package static var hasPyHanko: Bool { python != nil }
    package static var hasReaders: Bool { Tool.exists("pdfsig") && Tool.exists("qpdf") }

    /// - Throws: `SystemError` when the script itself fails.
    package static func pyHanko(_ files: [URL], root: URL? = nil) async throws -> [Report] {
        guard let python else { throw SystemError("no python3 with pyHanko in PATH or PARAPH_JUDGES") }
        let trust = root.map { ["--root", $0.path] } ?? []
        let result = try await Tool.run([python, SourceTree.fixture("judge.py").path] + trust + files.map(\.path))
        guard result.status == 0 else { throw SystemError("judge.py: \(result.output)") }
        func signatures(_ list: JSONValue?) -> [Signature] {
            (list?.arrayValue ?? []).map {
                Signature(
                    field: $0["field"]?.stringValue ?? "",
                    isGood: $0["intact"]?.boolValue == true && $0["valid"]?.boolValue == true
                        && (root == nil || $0["trusted"]?.boolValue == true),
                    isTimestamped: $0["timestamped"]?.boolValue == true,
                    coverage: $0["coverage"]?.stringValue ?? "", change: $0["change"]?.stringValue ?? "")
            }
        }
        return try result.output.split(separator: "\n").map { line in
            let value = try JSONValue(parsing: Array(line.utf8))
            return Report(
                file: value["file"]?.stringValue ?? "", error: value["error"]?.stringValue,
                signatures: signatures(value["signatures"]), timestamps: signatures(value["timestamps"]),
                fieldsPerRevision: (value["fields"]?.arrayValue ?? []).compactMap { $0.intValue.map { Int($0) } },
                signedPerRevision: (value["signed"]?.arrayValue ?? []).compactMap { $0.intValue.map { Int($0) } })
        }
    }

    /// How many signatures pdfsig calls valid, and whether one covers the whole file.
    package static func pdfsig(_ file: URL) async throws -> (valid: Int, isWhollySigned: Bool) {
        let result = try await Tool.run(["pdfsig", "-nocert", file.path])
        return (result.output.ranges(of: "Signature is Valid").count, result.output.contains("Total document signed"))
    }

    /// What qpdf complains of, warnings included; nil when it has nothing to say.
    package static func qpdfComplaint(_ file: URL) async throws -> String? {
        let result = try await Tool.run(["qpdf", "--check", file.path])
        return result.status == 0 ? nil : String(result.output.suffix(400))
    }

    /// What is wrong with a file that `signatures` recipients signed, by every judge that is here; empty when all agree.
    ///
    /// - Parameter hadComplaint: qpdf complained of the file before it was signed.
    package static func faults(
        of file: URL, signatures: Int, earlierSignatures: Int = 0, hadComplaint: Bool = false
    ) async throws -> [String] {
        var faults: [String] = []
        if hasReaders {
            let seen = try await pdfsig(file)
            if seen.valid < signatures + earlierSignatures || !seen.isWhollySigned {
                faults.append("pdfsig: \(seen.valid) valid, whole file signed: \(seen.isWhollySigned)")
            }
            if !hadComplaint, let complaint = try await qpdfComplaint(file) { faults.append("qpdf: \(complaint)") }
        }
        if hasPyHanko, let report = try await pyHanko([file]).first {
            faults += pyHankoFaults(report, signatures: signatures, earlierSignatures: earlierSignatures)
        }
        return faults
    }

    private static func pyHankoFaults(_ report: Report, signatures: Int, earlierSignatures: Int) -> [String] {
        if let error = report.error { return ["pyHanko: \(error)"] }
        var faults: [String] = []
        if report.signatures.count != signatures + earlierSignatures {
            faults.append("pyHanko: \(report.signatures.count) signatures")
        }
        for signature in report.signatures.suffix(signatures) {
            let allowed = ["NONE", "LTA_UPDATES", "FORM_FILLING"]
            if !signature.isGood || !allowed.contains(signature.change) {
                faults.append("pyHanko: \(signature.field) good \(signature.isGood), change \(signature.change)")
            }
        }
        if report.signatures.last?.coverage != "ENTIRE_FILE" {
            faults.append("pyHanko: the last does not cover the file")
        }
        // The revisions that filled a field of ours, and the prepared one before them.
        let revisions = report.fieldsPerRevision
        let ours = revisions.suffix(signatures + 1)
        if Set(ours).count != 1 { faults.append("signature fields per revision: \(revisions)") }
        if report.signedPerRevision.suffix(signatures + 1) != (0...signatures).map({ $0 + earlierSignatures })[...] {
            faults.append("filled signature fields per revision: \(report.signedPerRevision)")
        }
        return faults
    }
}
