// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Signed files of others, some manipulated afterwards, with the verdicts of pyHanko.
enum SignedCorpus {
    typealias Verdict = (file: String, field: String, isAccepted: Bool)

    static let folder: String? = {
        let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let shared = ProcessInfo.processInfo.environment["PARAPH_SHARED"] ?? repository.path + "/../shared"
        let folder = shared + "/corpus/signed"
        return FileManager.default.fileExists(atPath: folder) ? folder : nil
    }()

    /// Whether pyHanko accepts what came after; only where the signature covers a revision.
    static func verdictsOnChanges() throws -> [Verdict] {
        try judged().filter { $0.words[2].hasPrefix("ENTIRE") }.map { ($0.file, $0.field, $0.words[3] != "OTHER") }
    }

    /// Whether every signature that pyHanko could read is intact, whole, and not changed after.
    static func verdictsOnAll() throws -> [Verdict] {
        try judged().map { file, field, words in
            let isIntact = words[0].hasSuffix(":intact") && words[1] == "valid"
            return (file, field, isIntact && words[2].hasPrefix("ENTIRE") && words[3] != "OTHER")
        }
    }

    static func bytes(of file: String) throws -> [UInt8] {
        let path = (folder ?? "") + "/" + file.replacing("/", with: "__")
        return [UInt8](try Data(contentsOf: URL(filePath: path)))
    }

    /// The signatures in `signed.tsv`: `FIELD:INTEGRITY`, validity, coverage and the level of later changes.
    private static func judged() throws -> [(file: String, field: String, words: [String])] {
        guard let folder else { return [] }
        let text = try String(contentsOfFile: folder + "/../signed.tsv", encoding: .utf8)
        return text.split(separator: "\n").dropFirst().flatMap { line -> [(String, String, [String])] in
            let columns = line.components(separatedBy: "\t")
            guard columns.count > 3 else { return [] }
            return columns[3].components(separatedBy: " | ").compactMap { part in
                let words = part.components(separatedBy: "/")
                guard words.count == 4, let colon = words[0].lastIndex(of: ":") else { return nil }
                return (columns[0], String(words[0][..<colon]), words)
            }
        }
    }
}
