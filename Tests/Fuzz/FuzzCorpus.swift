// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Foundation
import PDFSyntax

/// The files that inputs are made from; they are read when they are needed, so that a worker holds little of its own.
struct FuzzCorpus: Sendable {
    private struct File: Sendable {
        let path: String
        let size: Int
        let password: String?

        var bytes: [UInt8] { FileManager.default.contents(atPath: path).map(Array.init) ?? [] }
    }

    /// Larger ones take their time and break in no other way.
    private static let largestFile = 1 << 20
    private static let largestMessage = 64 << 10

    private var files: [FuzzSample.Kind: [File]] = [:]
    private var messages: [[UInt8]] = []
    private let replayed: [FuzzSample]

    /// - Parameter password: What replayed documents are opened with.
    /// - Throws: `FuzzUsageError` when there is nothing to read.
    init(folders: [String], replayed paths: [String], password: String?) throws {
        var replayed: [FuzzSample] = []
        for path in paths {
            guard let data = FileManager.default.contents(atPath: path) else {
                throw FuzzUsageError("cannot read \(path)")
            }
            let kind = FuzzSample.Kind(fileName: path) ?? .document
            replayed.append(FuzzSample(kind: kind, bytes: Array(data), password: password))
        }
        self.replayed = replayed
        for folder in folders { try add(folder) }
        guard !replayed.isEmpty || files[.document] != nil else {
            throw FuzzUsageError("there is no PDF of at most 1 MB in the folders")
        }
        for file in replayed.isEmpty ? files[.document] ?? [] : [] { addMessages(of: file) }
    }

    private mutating func add(_ folder: String) throws {
        var passwords: [String: [String: String]] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: folder).sorted() {
            guard let kind = FuzzSample.Kind(fileName: name) else { continue }
            let path = "\(folder)/\(name)"
            let size = (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
            guard (1...Self.largestFile).contains(size) else { continue }
            let place = URL(fileURLWithPath: path).deletingLastPathComponent()
            let known = passwords[place.path] ?? Self.passwords(of: place)
            passwords[place.path] = known
            let file = File(path: path, size: size, password: known[name.lastPart])
            if kind == .message { messages.append(file.bytes) } else { files[kind, default: []].append(file) }
        }
    }

    /// The columns `file` and `password` of a `manifest.tsv` in the folder or the one above.
    private static func passwords(of folder: URL) -> [String: String] {
        for place in [folder, folder.deletingLastPathComponent()] {
            let manifest = place.appendingPathComponent("manifest.tsv")
            guard let text = try? String(contentsOf: manifest, encoding: .utf8) else { continue }
            let rows = text.split(separator: "\n").map { $0.split(separator: "\t", omittingEmptySubsequences: false) }
            guard let name = rows.first?.firstIndex(of: "file"), let word = rows.first?.firstIndex(of: "password")
            else { continue }
            let known = rows.dropFirst().filter { $0.count > max(name, word) && !$0[word].isEmpty }
            return Dictionary(known.map { (String($0[name]), String($0[word])) }) { first, _ in first }
        }
        return [:]
    }

    /// Signatures, timestamps, certificates and revocation data that a document carries.
    private mutating func addMessages(of file: File) {
        let bytes = file.bytes
        guard !bytes.places(of: "/ByteRange").isEmpty,
            let document = try? PDFDocument(source: ArraySource(bytes), password: file.password)
        else { return }
        for field in (try? document.signatureFields()) ?? [] {
            let value = try? document.resolved(field.dictionary["V"]).dictionaryValue
            if let contents = value?["Contents"]?.stringValue { add(message: contents) }
        }
        guard let store = try? document.resolved(document.catalog["DSS"]).dictionaryValue else { return }
        for key in ["Certs", "OCSPs", "CRLs"] {
            for element in (try? document.resolved(store[key]).arrayValue) ?? [] {
                guard case .stream(let stream)? = try? document.resolved(element) else { continue }
                if let data = try? document.data(of: stream) { add(message: data) }
            }
        }
    }

    private mutating func add(message bytes: [UInt8]) {
        guard let root = DERReader(bytes).root, root.whole.upperBound <= Self.largestMessage else { return }
        let message = Array(bytes[root.whole])
        if !messages.contains(message) { messages.append(message) }
    }

    /// The same bytes for the same seed and number.
    func input(_ number: Int, seed: UInt64) -> FuzzSample {
        if !replayed.isEmpty { return replayed[number] }
        var dice = Dice(seed: seed, number: number)
        switch dice.below(20) {
        case 0...1 where !messages.isEmpty:
            return FuzzSample(kind: .message, bytes: MessageMutation.mutated(message(&dice), among: messages, &dice))
        case 2:
            guard let picture = dice.pick(files[.picture] ?? []) else { fallthrough }
            return FuzzSample(kind: .picture, bytes: PictureMutation.mutated(picture.bytes, &dice))
        default:
            let file = document(&dice)
            let sample = FuzzSample(kind: .document, bytes: file.bytes, password: file.password)
            return DocumentMutation(sample, other: document(&dice).bytes, messages: messages).mutated(&dice)
        }
    }

    private func message(_ dice: inout Dice) -> [UInt8] { dice.pick(messages) ?? [] }

    /// Mostly the smaller of two: it takes less time, and more of it is structure.
    private func document(_ dice: inout Dice) -> File {
        let all = files[.document] ?? []
        let first = all[dice.below(all.count)]
        let second = all[dice.below(all.count)]
        return dice.isOne(in: 4) || first.size < second.size ? first : second
    }
}

extension [UInt8] {
    /// Where a word of ASCII begins; the library's search takes a thousand times as long.
    func places(of word: String) -> [Int] {
        let word = Array(word.utf8)
        guard let first = word.first else { return [] }
        return indices.filter { self[$0] == first && self[$0...].starts(with: word) }
    }
}

extension String {
    fileprivate var lastPart: String { split(separator: "/").last.map(String.init) ?? self }
}
