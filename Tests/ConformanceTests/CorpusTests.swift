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
        #expect(lines.last == "signable accepted: 86 of 86; wrong in all: 0", report)
        let repaired = lines.first { $0.hasSuffix("repair-or-reject: accepted") }.flatMap { line in
            line.split(separator: " ").first.flatMap { Int($0) }
        }
        // Of 17 that are damaged.
        #expect((repaired ?? 0) >= 10, report)
    }

    @Test(.enabled(if: Oracle.isHere, "needs ORACLE_HOME"))
    func `PDF/A documents are PDF/A after two signatures, one of them visible`() async throws {
        let keys = try await TestKeys.make()
        defer { keys.remove() }
        let files = try Corpus.documents.filter { $0.claimsPDFA }.map(\.path)
        let before = try await Oracle.conformingToPDFA(files)
        #expect(!before.isEmpty)
        var signed: [String] = []
        for (index, file) in before.enumerated() {
            let first = "\(keys.folder)/\(index)-1.pdf"
            let second = "\(keys.folder)/\(index)-2.pdf"
            let place = ["--page", "1", "--at", "50,50,200,60"]
            let one = try await Tool.run(keys.signing + [file, "-o", first, "--field", "ParaphA"] + place)
            let two = try await Tool.run(keys.signing + [first, "-o", second, "--field", "ParaphB"])
            // What its signatures forbid is another test's.
            guard one.status == 0, two.status == 0 else { continue }
            signed.append(second)
        }
        #expect(signed.count * 10 >= before.count * 9)
        let after = try await Oracle.conformingToPDFA(signed)
        #expect(Set(signed).subtracting(after).isEmpty)
    }
}
