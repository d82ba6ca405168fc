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
            let signable = try SignableDocument(file, password: password)
            (source, document, repairs) = (signable.source, signable.document, signable.repairs)
        } catch {
            throw CommandFailure(error)
        }
    }

    static func file(_ path: String) throws(CommandFailure) -> FileSource {
        do throws(FileSystemError) {
            return try FileSource(path: path)
        } catch {
            throw CommandFailure("\(error)", exitCode: CommandFailure.unreadable)
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
