// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Foundation
import PDFSyntax
import Testing

/// Real files, found by PARAPH_SHARED or beside the repository; counted as skipped where they are absent.
enum Corpus {
    static let folder: String? = {
        let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let shared = ProcessInfo.processInfo.environment["PARAPH_SHARED"] ?? repository.path + "/../shared"
        let folder = shared + "/corpus/pdf"
        return FileManager.default.fileExists(atPath: folder) ? folder : nil
    }()

    static func files() throws -> [(name: String, bytes: [UInt8])] {
        guard let folder else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: folder).sorted().map { name in
            (name, [UInt8](try Data(contentsOf: URL(filePath: folder + "/" + name))))
        }
    }

    /// The column `expected` of the manifest.
    static func expectations() throws -> [String: String] {
        guard let folder else { return [:] }
        let text = try String(contentsOfFile: folder + "/../manifest.tsv", encoding: .utf8)
        var result: [String: String] = [:]
        for line in text.split(separator: "\n").dropFirst() {
            let columns = line.split(separator: "\t", omittingEmptySubsequences: false)
            if columns.count > 6 { result[String(columns[0])] = String(columns[6]) }
        }
        return result
    }
}

@Suite(.enabled(if: Corpus.folder != nil, "needs ../shared/corpus"))
struct CorpusTests {
    private func outcome(_ bytes: [UInt8]) -> PDFError.Code? {
        do {
            try PDFDocument(source: ArraySource(bytes)).checkSignable()
            return nil
        } catch {
            return error.code
        }
    }

    @Test func `every signable file without a password is accepted, but for a locked form`() throws {
        let expectations = try Corpus.expectations()
        var refused: [String: PDFError.Code] = [:]
        for (name, bytes) in try Corpus.files() where expectations[name]?.hasPrefix("signable") == true {
            if expectations[name]?.hasPrefix("signable-after-repair") == true { continue }
            refused[name] = outcome(bytes)
        }
        #expect(Set(refused.values).isSubset(of: [.encrypted, .unsupported]))
        #expect(refused.values.count { $0 == .unsupported } <= 1)
    }

    @Test func `every file that no reader can handle is refused`() throws {
        let expectations = try Corpus.expectations()
        for (name, bytes) in try Corpus.files() where expectations[name]?.hasPrefix("reject") == true {
            #expect(outcome(bytes) != nil, "\(name)")
        }
    }

    @Test func `files cut at every 97th byte end in a document or a refusal`() throws {
        for (_, bytes) in try Corpus.files() where bytes.count < 20_000 {
            for end in stride(from: 0, to: bytes.count, by: 97) { _ = outcome(Array(bytes[..<end])) }
        }
    }

    @Test func `files with changed bytes end in a document or a refusal`() throws {
        var generator = SeededGenerator(seed: 3)
        for (_, original) in try Corpus.files() where original.count < 100_000 {
            for _ in 0..<20 {
                var bytes = original
                for _ in 0..<Int.random(in: 1...30, using: &generator) where !bytes.isEmpty {
                    bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(
                        in: 0...255, using: &generator)
                }
                _ = outcome(bytes)
            }
        }
    }
}
