// SPDX-License-Identifier: Apache-2.0
import Foundation
import SystemDriver
import Testing

/// The command line against a corpus of real documents, judged by pdfsig, qpdf, pyHanko and EU DSS.
@Suite(
    .enabled(
        if: Corpus.isHere && PDFJudges.hasPyHanko && PDFJudges.hasReaders, "needs ../shared/corpus and the judges"),
    .serialized)
struct CorpusTests {
    @Test func `SIG-01, SIG-02, SIG-03: real documents signed twice are accepted by all judges, or refused rightly`()
        async throws
    {
        let keys = try await TestKeys.make()
        defer { keys.remove() }
        let result = try await Tool.run(
            [
                "python3", Corpus.path("judge/sign_corpus.py"), Corpus.path("corpus/pdf"),
                Corpus.path("corpus/manifest.tsv"),
            ]
                + [keys.root, "--"] + keys.signing
                + ["{in}", "-o", "{out}", "--field", "{field}", "--password", "{password}"], timeoutSeconds: 900)
        let lines = result.output.split(separator: "\n").map(String.init)
        let report = Comment(rawValue: result.output)
        #expect(result.status == 0, report)
        #expect(lines.last == "signable accepted: 85 of 86; wrong in all: 0", report)
        // The manifest holds this file's password in a mis-decoded form ("hÃ´tel" for "hôtel"): we open it, no judge can.
        let undecided = lines.filter { $0.hasPrefix("FALL undecided") }
        #expect(undecided.allSatisfy { $0.contains("pdfium__encrypted_hello_world_r6.pdf") }, report)
        let repaired = lines.first { $0.hasSuffix("repair-or-reject: accepted") }.flatMap { line in
            line.split(separator: " ").first.flatMap { Int($0) }
        }
        // Of 17 that are damaged.
        #expect((repaired ?? 0) >= 10, report)
    }
}
