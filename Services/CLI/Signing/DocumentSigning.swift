// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Cryptography
import FileSystem
import PDFSigning
import PDFSyntax

/// Signs one file after the other with what all files of a run share.
struct DocumentSigning: Sendable {
    let key: SigningKey?
    private let options: SignOptions
    private let password: String?
    private let mark: SignatureAppearance.Mark?
    private let signer: LevelSigner?

    /// - Throws: `CommandFailure` when the key, the image or a file with a secret cannot be used.
    init(options: SignOptions) async throws(CommandFailure) {
        self.options = options
        key = try await SigningKey(options)
        password = try options.password.read()
        if let path = options.imagePath { mark = try Self.image(path) } else { mark = nil }
        signer = try key.map { key throws(CommandFailure) in
            try LevelAuthorities(options).signer(with: key.credential)
        }
    }

    /// Opens, signs and writes one file; the output is as it was unless the outcome says that it was signed.
    @concurrent func sign(_ file: SignFiles.Pair) async -> SignOutcome {
        do throws(CommandFailure) {
            return try await result(file)
        } catch {
            return SignOutcome(file: file, result: .failed(error))
        }
    }

    private func result(_ file: SignFiles.Pair) async throws(CommandFailure) -> SignOutcome {
        let input = try DocumentInput(path: file.input, password: password)
        do {
            var appended: [UInt8] = []
            var document = input.document
            if !options.addedFields.isEmpty {
                let fields = options.addedFields.map { PreparedField(name: $0, kind: .signature, placement: nil) }
                appended = try DocumentPreparation.prepare(document: document, fields: fields)
                document = try PDFDocument(source: ConcatenatedSource(input.source, appended), password: password)
            }
            let output = try Self.writing { () throws(FileSystemError) in
                try DurableFile(path: file.output, mode: input.mode)
            }
            var outcome = SignOutcome(file: file, result: .prepared(fields: options.addedFields))
            outcome.notes = input.repairs
            if let key, let signer {
                try await sign(document, key, by: signer, into: output, &outcome)
            } else {
                try await FileSink(file: output).append(contentsOf: document)
            }
            // The input is still there: a person need not wait for the disk a second time.
            try Self.writing { () throws(FileSystemError) in try output.commit(waitsForName: false) }
            return outcome
        } catch let failure as CommandFailure {
            throw failure
        } catch let error as PDFError {
            throw CommandFailure(error)
        } catch {
            throw CommandFailure("\(error)", exitCode: CommandFailure.refused)
        }
    }

    private func sign(
        _ document: PDFDocument, _ key: SigningKey, by signer: LevelSigner, into output: DurableFile,
        _ outcome: inout SignOutcome
    ) async throws {
        let field = try fieldName(in: document)
        let revision = try await signer.sign(
            document, request: request(field, key), into: FileSink(file: output), password: password)
        if revision.level < options.level {
            let reasons = revision.shortfalls.map(\.description).joined(separator: "; ")
            let asked = options.level.rawValue.lowercased()
            guard !options.isLevelStrict else {
                throw CommandFailure(
                    "\(asked) cannot be reached, and --strict-level is given: \(reasons)",
                    exitCode: CommandFailure.refused)
            }
            outcome.warnings.append("signed as \(revision.level.rawValue.lowercased()) instead of \(asked): \(reasons)")
        }
        outcome.result = .signed(field: field, level: revision.level)
    }

    private func fieldName(in document: PDFDocument) throws(PDFError) -> String {
        if let name = options.field ?? options.addedFields.first { return name }
        let fields = try document.formFields()
        if options.placement == nil, let open = fields.first(where: { $0.type == "Sig" && !$0.isSigned }) {
            return open.name
        }
        let taken = Set(fields.map(\.name))
        return (1...).lazy.map { "Signature\($0)" }.first { !taken.contains($0) } ?? "Signature"
    }

    private func request(_ field: String, _ key: SigningKey) -> SignatureRequest {
        let time = CommandEnvironment.now()
        let name = options.signerName ?? key.certificateName
        let lines = [name.map { "Signed by \($0)" }, SignatureAppearance.utc(time), options.reason].compactMap(\.self)
        return SignatureRequest(
            fieldName: field, missingField: .add(options.placement), signerName: name, reason: options.reason,
            signingTime: time, appearance: SignatureAppearance(lines: lines, mark: mark),
            certification: options.certification)
    }

    private static func image(_ path: String) throws(CommandFailure) -> SignatureAppearance.Mark {
        do {
            return .image(try SignatureImage(try SmallFile.read(path, maximumBytes: SignatureImage.maximumBytes)))
        } catch let error as PDFError {
            throw CommandFailure("\(path): \(error.detail)")
        } catch {
            throw CommandFailure("\(error)")
        }
    }

    /// Failures of the output are not the document's.
    fileprivate static func writing<R>(_ body: () throws(FileSystemError) -> R) throws(CommandFailure) -> R {
        do throws(FileSystemError) {
            return try body()
        } catch {
            throw CommandFailure("\(error)", exitCode: CommandFailure.unwritable)
        }
    }
}

private struct FileSink: RevisionSink {
    private static let pieceBytes = 1 << 20

    let file: DurableFile

    func append(_ bytes: [UInt8]) async throws {
        try DocumentSigning.writing { () throws(FileSystemError) in try file.append(bytes) }
    }

    func append(contentsOf document: PDFDocument) async throws {
        for start in stride(from: 0, to: document.size, by: Self.pieceBytes) {
            try await append(try document.bytes(start..<min(start + Self.pieceBytes, document.size)))
        }
    }
}
