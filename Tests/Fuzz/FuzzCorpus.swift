// SPDX-License-Identifier: Apache-2.0
import Foundation

/// The documents that inputs are made from.
struct FuzzCorpus: Sendable {
    /// Larger ones take their time and break in no other way.
    private static let largestFile = 1 << 20

    let documents: [[UInt8]]
    private let isReplay: Bool

    /// - Throws: `FuzzUsageError` when there is nothing to read.
    init(folders: [String], files: [String]) throws {
        var documents: [[UInt8]] = []
        for folder in folders {
            let names = try FileManager.default.subpathsOfDirectory(atPath: folder).sorted()
            for name in names where name.lowercased().hasSuffix(".pdf") {
                guard let data = FileManager.default.contents(atPath: "\(folder)/\(name)") else { continue }
                if data.count <= Self.largestFile, !data.isEmpty { documents.append(Array(data)) }
            }
        }
        for file in files {
            guard let data = FileManager.default.contents(atPath: file) else {
                throw FuzzUsageError("cannot read \(file)")
            }
            documents.append(Array(data))
        }
        guard !documents.isEmpty else { throw FuzzUsageError("there is no PDF of at most 1 MB in the folders") }
        self.documents = documents
        isReplay = !files.isEmpty
    }

    /// The same bytes for the same seed and number.
    func input(_ number: Int, seed: UInt64) -> [UInt8] {
        if isReplay { return documents[number] }
        var mutation = Mutation(seed: seed, number: number)
        return mutation.input(from: documents)
    }
}
