// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Cryptography
import FileSystem
import Foundation
import Glibc
import PDFSigning
import PDFSyntax
import SystemDriver

/// One process's part of a figure: signs documents for some seconds, each a different one.
///
/// What is kept between documents is the key with its chain, and the fonts.
struct PDFRowRun {
    private static let warmUp = 10

    private let row: PDFRow
    private let folder: String
    private let seconds: Double
    private let threads: Int
    private let credential: SigningCredential

    /// - Throws: `SystemError` for words that `PDFBench` does not say.
    init(_ words: [String]) throws {
        guard words.count == 4, let row = PDFRow.all.first(where: { $0.name == words[0] }),
            let seconds = Double(words[2]), let threads = Int(words[3])
        else { throw SystemError("pdf-row takes a figure's name, a folder, seconds and threads") }
        self.row = row
        self.seconds = seconds
        self.threads = threads
        folder = words[1]
        credential = try Self.credential(row.key, in: folder)
    }

    /// Runs on as many threads, and keeps the last output of one of them.
    func measure() async throws -> PDFRowResult {
        let rates = try await withThrowingTaskGroup(of: (Double, [UInt8]).self) { group in
            for thread in 0..<threads { group.addTask { try await rate(thread: thread) } }
            var rates: [Double] = []
            for try await (rate, output) in group {
                rates.append(rate)
                if !output.isEmpty { try Data(output).write(to: URL(fileURLWithPath: outputPath)) }
            }
            return rates
        }
        return PDFRowResult(perSecond: rates.reduce(0, +), peakBytes: try PDFRowResult.ownPeakBytes())
    }

    private func rate(thread: Int) async throws -> (Double, [UInt8]) {
        switch row.shape {
        case .memory, .visible: return try await memoryRate(thread: thread)
        case .file: return (try await fileRate(), [])
        case .tenSigners: return try await tenSignersRate(thread: thread)
        }
    }

    // MARK: Shapes

    private func memoryRate(thread: Int) async throws -> (Double, [UInt8]) {
        let signer = DocumentSigner(credential: credential)
        let request = request("Signature1")
        var template = try SerialTemplate(path: inputPath)
        return try await Self.rate(for: seconds, thread: thread, of: &template) { document in
            try await signer.sign(document, opened: PDFDocument(source: ArraySource(document)), request: request)
        }
    }

    private func tenSignersRate(thread: Int) async throws -> (Double, [UInt8]) {
        let signer = DocumentSigner(credential: credential)
        let requests = (1...10).map { request("Signature\($0)") }
        var template = try SerialTemplate(path: inputPath)
        return try await Self.rate(for: seconds, thread: thread, of: &template) { document in
            var document = document
            for request in requests {
                document = try await signer.sign(
                    document, opened: PDFDocument(source: ArraySource(document)), request: request)
            }
            return document
        }
    }

    private func fileRate() async throws -> Double {
        let signer = DocumentSigner(credential: credential)
        let request = request("Signature1")
        let clock = ContinuousClock()
        let started = clock.now
        var count = 0.0
        while (clock.now - started).seconds < seconds {
            let document = try PDFDocument(source: FileSource(path: inputPath))
            let sink = try FileSink(path: outputPath)
            try await signer.sign(document, request: request, into: sink)
            try sink.close()
            count += 1
        }
        return count / (clock.now - started).seconds
    }

    /// Only signing is timed, not the making of a different document.
    private static func rate(
        for seconds: Double, thread: Int, of template: inout SerialTemplate, sign: ([UInt8]) async throws -> [UInt8]
    ) async throws -> (Double, [UInt8]) {
        let clock = ContinuousClock()
        var spent = Duration.zero
        var count = 0
        var output: [UInt8] = []
        while spent.seconds < seconds {
            count += 1
            template.renumber(thread * 1_000_000_000 + count)
            let started = clock.now
            output = try await sign(template.bytes)
            if count > warmUp { spent += clock.now - started }
        }
        return (Double(count - warmUp) / spent.seconds, output)
    }

    // MARK: Parts

    private var inputPath: String { "\(folder)/\(row.input).pdf" }
    private var outputPath: String { "\(folder)/\(row.name).out.pdf" }

    private func request(_ field: String) -> SignatureRequest {
        let now = BusinessClock.system.now()
        let isVisible = row.shape == .visible
        let lines = SignatureAppearance.lines(
            signerName: "Ada Lovelace", method: "e-mail link", organisation: "Example Ltd", signingTime: now,
            meaning: "I agree")
        return SignatureRequest(
            fieldName: field,
            missingField: .add(isVisible ? .init(pageIndex: 0, x: 72, y: 650, width: 180, height: 48) : nil),
            signerName: "Ada Lovelace", reason: "I agree", signingTime: now,
            appearance: SignatureAppearance(lines: isVisible ? lines : []))
    }

    private static func credential(_ key: PDFRow.Key, in folder: String) throws -> SigningCredential {
        try PDFBenchKeys.credential(
            key: "\(folder)/\(key.rawValue).key", chain: "\(folder)/\(key.rawValue)-chain.pem",
            algorithm: key == .p256 ? .ecdsaSHA256 : .rsaPKCS1SHA256)
    }
}

/// A file that is written and not synchronised, as the floor's.
private final class FileSink: RevisionSink {
    private let descriptor: Int32

    init(path: String) throws {
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        guard descriptor >= 0 else { throw SystemError("cannot write \(path)") }
    }

    func append(_ bytes: [UInt8]) async throws {
        guard write(descriptor, bytes, bytes.count) == bytes.count else { throw SystemError("the disk is full") }
    }

    func close() throws {
        guard Glibc.close(descriptor) == 0 else { throw SystemError("the output cannot be closed") }
    }
}
