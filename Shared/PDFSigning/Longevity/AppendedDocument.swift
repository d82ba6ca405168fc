// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import PDFSyntax

extension PDFDocument {
    /// The document with an update behind it, opened again.
    func appending(_ update: [UInt8], password: String?) throws(PDFError) -> PDFDocument {
        try PDFDocument(
            source: ConcatenatedSource(DocumentBytes(document: self), update), limits: limits, password: password)
    }
}

/// The file that a document was opened from.
private struct DocumentBytes: ByteSource {
    let document: PDFDocument

    var size: Int { document.size }

    func bytes(in range: Range<Int>) throws(ByteSourceError) -> [UInt8] {
        do throws(PDFError) {
            return try document.bytes(range)
        } catch {
            throw .truncated(at: range.lowerBound)
        }
    }
}
