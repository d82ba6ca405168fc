// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Foundation
import PDFSyntax
import Testing

/// Updates of files with slips, judged by readers that are not ours: they must find no fault that was not there before.
struct JudgedUpdateTests {
    private static let hasReaders = ["/usr/bin/qpdf", "/usr/bin/pdfinfo"].allSatisfy {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    private func run(_ words: [String]) throws -> (status: Int32, output: String) {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: words[0])
        process.arguments = Array(words.dropFirst())
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }

    /// qpdf's status: 0 fine, 3 warnings, 2 errors; and the title that poppler reads.
    private func judgement(_ bytes: [UInt8]) throws -> (status: Int32, title: Bool) {
        let file = NSTemporaryDirectory() + "/\(UUID().uuidString).pdf"
        defer { try? FileManager.default.removeItem(atPath: file) }
        try Data(bytes).write(to: URL(filePath: file))
        let information = try run(["/usr/bin/pdfinfo", file]).output
        return (try run(["/usr/bin/qpdf", "--check", file]).status, information.contains("Updated"))
    }

    private static func variants() -> [[UInt8]] {
        var sample = SamplePDF.onePage
        sample.objects += ["<</Title(Old)>>"]
        sample.trailer = "/Info 4 0 R"
        var variants: [[UInt8]] = []
        for form in [CrossReferenceForm.table, .stream] {
            let plain = form == .table ? sample.table() : sample.streams()
            let text = String(decoding: plain, as: UTF8.self)
            variants.append(plain)
            variants.append(Array("HTTP/1.1 200 OK\r\n\r\n".utf8) + plain)
            variants.append(plain + Array("\n<html></html>".utf8))
            variants.append(Array(text.replacingOccurrences(of: "\n%%EOF\n", with: "\n%%EOF").utf8))
            let start = text.components(separatedBy: "startxref\n")[1].prefix { $0.isNumber }
            let off = "startxref\n\((Int(start) ?? 0) + 2)"
            variants.append(Array(text.replacingOccurrences(of: "startxref\n\(start)", with: off).utf8))
        }
        variants.append(sample.table(entryEnd: "\n"))
        return variants
    }

    @Test(.enabled(if: hasReaders, "needs qpdf and pdfinfo"))
    func `qpdf and poppler read what an update says, with no more complaints than before`() throws {
        for base in Self.variants() {
            let document = try PDFDocument(source: ArraySource(base))
            var update = IncrementalUpdate(of: document)
            let title = PDFDictionary([("Title", .string(Array("Updated".utf8)))])
            update.write(title, at: PDFReference(number: 4))
            let before = try judgement(base)
            let after = try judgement(base + (try update.finish()))
            #expect(after.title && !before.title, "\(String(decoding: base, as: UTF8.self))")
            #expect(after.status == 0 || after.status == before.status)
        }
    }
}
