// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Foundation
import PDFSyntax
import Testing

/// The real files and the readers that are not ours.
private enum DamagedFiles {
    static let folder = ProcessInfo.processInfo.environment["PARAPH_SHARED"].map { $0 + "/corpus" }.flatMap {
        FileManager.default.fileExists(atPath: $0 + "/manifest.tsv") ? $0 : nil
    }
    static let canBeJudged = folder != nil && Tool.exists("qpdf") && Tool.exists("pdftocairo")
}

/// Damaged files, written anew and shown to other readers.
@Suite(.enabled(if: DamagedFiles.canBeJudged, "needs ../shared/corpus, qpdf and pdftocairo"))
struct RepairedCorpusTests {
    private func damaged() throws -> [String] {
        let text = try String(contentsOfFile: (DamagedFiles.folder ?? "") + "/manifest.tsv", encoding: .utf8)
        return text.split(separator: "\n").map { $0.split(separator: "\t", omittingEmptySubsequences: false) }
            .filter { $0.count > 6 && $0[6].hasPrefix("signable-after-repair") }.map { String($0[0]) }
    }

    /// The first three pages as poppler draws them.
    private func pictures(_ path: String, in folder: String) throws -> [Data] {
        let name = folder + "/page"
        _ = try Tool.run(["pdftocairo", "-png", "-r", "24", "-l", "3", path, name])
        let files = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasPrefix("page") }.sorted()
        return try files.map { file in
            defer { try? FileManager.default.removeItem(atPath: folder + "/" + file) }
            return try Data(contentsOf: URL(filePath: folder + "/" + file))
        }
    }

    @Test func `a repaired file is whole for qpdf and looks the same, and a signed one is refused`() throws {
        let scratch = try Tool.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: scratch) }
        var repaired = 0
        for name in try damaged() {
            let path = (DamagedFiles.folder ?? "") + "/pdf/" + name
            let original = [UInt8](try Data(contentsOf: URL(filePath: path)))
            let source: RewrittenSource
            do throws(PDFError) {
                source = try DocumentRepair.repair(source: ArraySource(original)).source
            } catch {
                #expect(error.code == .damaged, "\(name): \(error)")
                continue
            }
            repaired += 1
            let output = scratch + "/repaired.pdf"
            try Tool.write(source.bytes(in: 0..<source.size), to: output)
            let check = try Tool.run(["qpdf", "--check", output])
            // What remains is in the content of pages, which nobody may change.
            let faults = check.output.split(separator: "\n").filter {
                $0.contains("WARNING") && !$0.contains("(content,")
            }
            #expect(faults.isEmpty, "\(name): \(faults)")
            #expect(try pictures(output, in: scratch) == pictures(path, in: scratch), "\(name)")
        }
        #expect(repaired >= 10)
    }
}
