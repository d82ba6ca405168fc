// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import FileSystem
import PDFSyntax

/// A PDF named on the command line, opened.
struct DocumentInput: Sendable {
    /// The file, or what it was repaired to.
    let source: any ByteSource
    let document: PDFDocument
    /// The permission bits of the file, which what is made from it gets too.
    let mode: UInt32
    /// What was wrong with the file and has been put right; empty for most.
    let repairs: [String]

    /// - Throws: `CommandFailure` with 65 for what is no PDF and 3 for one that is not taken.
    init(path: String, password: String?) throws(CommandFailure) {
        let file = try Self.file(path)
        mode = file.mode
        do throws(PDFError) {
            let opened = try PDFDocument(source: file, password: password)
            guard let reason = try Self.reasonForRepair(opened) else {
                (source, document, repairs) = (file, opened, [])
                return
            }
            (source, document, repairs) = try Self.repaired(file, because: reason)
        } catch {
            guard Self.isRepairable(error) else { throw CommandFailure(error) }
            do throws(PDFError) {
                (source, document, repairs) = try Self.repaired(file)
            } catch {
                throw CommandFailure(error)
            }
        }
    }

    /// A signed or encrypted document is never written anew.
    private static func reasonForRepair(_ document: PDFDocument) throws(PDFError) -> String? {
        guard document.encryption == nil, try !document.formFields().contains(where: \.isSigned) else { return nil }
        // What was not read is not judged.
        _ = try document.pages()
        return try DocumentRepair.reason(for: document)
    }

    private static func repaired(
        _ file: FileSource, because reason: String? = nil
    ) throws(PDFError) -> (any ByteSource, PDFDocument, [String]) {
        let repaired = try DocumentRepair.repair(source: file)
        let notes = (reason.map { [$0] } ?? []) + repaired.notes
        return (repaired.source, try PDFDocument(source: repaired.source), notes)
    }

    static func file(_ path: String) throws(CommandFailure) -> FileSource {
        do throws(FileSystemError) {
            return try FileSource(path: path)
        } catch {
            throw CommandFailure("\(error)", exitCode: CommandFailure.unreadable)
        }
    }

    private static func isRepairable(_ error: PDFError) -> Bool {
        switch error.code {
        case .damaged, .truncated, .unsupported: true
        default: false
        }
    }
}

extension CommandFailure {
    /// 65 for what is no PDF, or not the whole of one; 3 for one that is not taken.
    init(_ error: PDFError) {
        switch error.code {
        case .notAPDF, .truncated, .sourceUnreadable: self.init("\(error)", exitCode: Self.unreadable)
        default: self.init("\(error)", exitCode: Self.refused)
        }
    }
}
