// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Cryptography
import Foundation
import Keys
import PDFSigning
import PDFSyntax
import Testing

@Suite struct LevelRaisingTests {
    private func raised(
        _ bytes: [UInt8], to level: SignatureLevel, _ stage: AuthorityStage
    ) async throws -> (bytes: [UInt8], revision: RaisedRevision) {
        let revision = try await stage.raising().raise(PDFDocument(source: ArraySource(bytes)), to: level)
        return (bytes + revision.update, revision)
    }

    private func store(_ bytes: [UInt8]) throws -> [String: Int] {
        let document = try PDFDocument(source: ArraySource(bytes))
        let store = try document.resolved(document.catalog["DSS"]).dictionaryValue ?? PDFDictionary()
        var counts: [String: Int] = [:]
        for key in ["Certs", "OCSPs", "CRLs"] {
            counts[key] = try document.resolved(store[key]).arrayValue?.count
        }
        #expect(store["VRI"] == nil)
        return counts
    }

    @Test func `LTV-02: a plain signature is raised step by step by appending`() async throws {
        try await AuthorityStage.run { stage in
            var document = try await stage.signed(SampleDocument.onePage(), to: .basic, stage.credential()).document
            let raising = stage.raising()
            for level in [SignatureLevel.timestamped, .longTerm, .longTermArchived] {
                let revision = try await raising.raise(PDFDocument(source: ArraySource(document)), to: level)
                #expect(revision.level == level && revision.shortfalls.isEmpty, "\(revision.shortfalls)")
                #expect(!revision.update.isEmpty)
                document += revision.update
            }
            // Signer, issuing, root, timestamps and responder, each once.
            #expect(try store(document) == ["Certs": 5, "OCSPs": 2, "CRLs": 1])
        }
    }

    @Test func `what is reached already is not done again`() async throws {
        try await AuthorityStage.run { stage in
            let document = try await stage.signed(SampleDocument.onePage(), to: .longTerm, stage.credential()).document
            let revision = try await raised(document, to: .timestamped, stage).revision
            #expect(revision.update.isEmpty && revision.level == .timestamped && revision.shortfalls.isEmpty)
        }
    }

    @Test func `LTV-03: renewal adds the last timestamp's validation data and a further timestamp`() async throws {
        try await AuthorityStage.run { stage in
            let credential = try stage.credential()
            let once = try await stage.signed(SampleDocument.onePage(), to: .longTermArchived, credential).document
            let before = try store(once)
            let (twice, revision) = try await raised(once, to: .longTermArchived, stage)
            #expect(revision.level == .longTermArchived)
            // A second client asks the authorities again: newer answers, the same certificates.
            #expect(try store(twice)["Certs"] == before["Certs"])
            let document = try PDFDocument(source: ArraySource(twice))
            #expect(try document.signatureFields().map(\.name) == ["first", "Timestamp1", "Timestamp2"])
            let expiry = try #require(try LevelRaising.expiry(of: document))
            #expect(expiry > stage.clock.now().advanced(bySeconds: 86_400 * 300))
        }
    }

    @Test func `a revoked signer is not raised, and the reason is told`() async throws {
        try await AuthorityStage.run { stage in
            let credential = try stage.credential()
            let document = try await stage.signed(SampleDocument.onePage(), to: .timestamped, credential).document
            try stage.authority.revoke(credential.chain[0], reason: .keyCompromise, now: stage.clock.now())
            let revision = try await raised(document, to: .longTermArchived, stage).revision
            #expect(revision.level == .timestamped && revision.shortfalls.map(\.isRevocation) == [true])
        }
    }

    @Test func `a document without signatures, and one with an unreadable one, are told so`() async throws {
        try await AuthorityStage.run { stage in
            await #expect(throws: PDFError.self) { try await raised(SampleDocument.onePage(), to: .longTerm, stage) }
            let document = try await stage.signed(SampleDocument.onePage(), to: .basic, stage.credential()).document
            var broken = document
            let start = try #require(document.ranges(of: Array("/Contents <".utf8)).first?.upperBound)
            for index in start..<(start + 200) { broken[index] = UInt8(ascii: "5") }
            let revision = try await raised(broken, to: .longTerm, stage).revision
            #expect(revision.shortfalls == [.unreadableSignature(field: "first")])
        }
    }

    // MARK: Judged by others

    /// Documents of every kind that is raised, in a folder: name and format that EU DSS has to find.
    private func write(_ stage: AuthorityStage) async throws -> [(file: String, format: String)] {
        let p256 = try stage.credential()
        let rsa = try stage.credential(.rsa(bits: 2048))
        var made: [(file: String, format: String)] = []
        func put(_ name: String, _ bytes: [UInt8], _ format: String) throws {
            try Tool.write(bytes, to: "\(stage.folder)/\(name).pdf")
            made.append(("\(stage.folder)/\(name).pdf", "PAdES-BASELINE-\(format)"))
        }
        let table = SampleDocument.onePage()
        try put("lt", try await stage.signed(table, to: .longTerm, rsa).document, "LT")
        let archived = try await stage.signed(table, to: .longTermArchived, rsa).document
        try put("lta", archived, "LTA")
        try put("renewed", try await raised(archived, to: .longTermArchived, stage).bytes, "LTA")
        try put(
            "second", try await stage.signed(archived, "second", to: .longTermArchived, p256).document, "LTA")
        let plain = try await stage.signed(table, to: .basic, p256).document
        try put("from-plain", try await raised(plain, to: .longTermArchived, stage).bytes, "LTA")
        try Tool.write(table, to: stage.folder + "/base.pdf")
        let streams = stage.folder + "/base-streams.pdf"
        #expect(
            try Tool.run(["qpdf", "--object-streams=generate", stage.folder + "/base.pdf", streams]).status == 0)
        let packed = try Array(Data(contentsOf: URL(filePath: streams)))
        try put("streams", try await stage.signed(packed, to: .longTermArchived, p256).document, "LTA")
        let sink = ArraySink()
        var request = stage.request("first")
        request.certification = .noChanges
        _ = try await stage.signer(.longTermArchived, p256, timestamps: stage.timestamps(.sha512)).sign(
            PDFDocument(source: ArraySource(table)), request: request, into: sink)
        try put("certified", await sink.bytes, "LTA")
        try await putEncrypted(stage, p256, put)
        return made
    }

    /// AES-256 with the empty user password, which the judges open, and with one that only signing is tried with.
    private func putEncrypted(
        _ stage: AuthorityStage, _ credential: SigningCredential, _ put: (String, [UInt8], String) throws -> Void
    ) async throws {
        let file = stage.folder + "/base-encrypted.pdf"
        let words = ["qpdf", "--encrypt", "", "owner", "256", "--", stage.folder + "/base.pdf", file]
        #expect(try Tool.run(words).status == 0)
        let base = try Array(Data(contentsOf: URL(filePath: file)))
        let once = try await stage.signed(base, to: .longTermArchived, credential).document
        try put("encrypted", try await raised(once, to: .longTermArchived, stage).bytes, "LTA")
        let withPassword = ["qpdf", "--encrypt", "secret", "owner", "256", "--", stage.folder + "/base.pdf", file]
        #expect(try Tool.run(withPassword).status == 0)
        let locked = try PDFDocument(
            source: ArraySource(Array(Data(contentsOf: URL(filePath: file)))), password: "secret")
        let revision = try await stage.signer(.longTermArchived, credential).sign(
            locked, request: stage.request("first"), into: ArraySink(), password: "secret")
        #expect(revision.level == .longTermArchived)
    }

    @Test(
        .enabled(if: LongevityJudges.oracle != nil, "needs ORACLE_HOME"),
        .enabled(if: Tool.exists("qpdf"), "needs qpdf"))
    func `LTV-04: EU DSS finds the levels, everything valid, nothing changed behind the signatures`() async throws {
        try await AuthorityStage.run { stage in
            let made = try await write(stage)
            let verdicts = try LongevityJudges.oracle(made.map(\.file), trust: stage.folder + "/root.pem")
            #expect(verdicts.count == made.count)
            for (verdict, (file, format)) in zip(verdicts, made) {
                #expect(verdict.passed && verdict.error == nil, "\(file)")
                #expect(verdict.signatures.allSatisfy { $0.format == format }, "\(file) \(verdict.signatures)")
                #expect(verdict.timestamps.allSatisfy { $0.indication == "PASSED" }, "\(file)")
                let check = try Tool.run(["qpdf", "--check", file])
                #expect(check.status == 0, "\(file) \(check.output)")
            }
        }
    }

    @Test(
        .enabled(if: LongevityJudges.pyHanko != nil, "needs PARAPH_JUDGES"),
        .enabled(if: Tool.exists("qpdf"), "needs qpdf"))
    func `LTV-04: pyHanko's long-term validation accepts what is raised`() async throws {
        try await AuthorityStage.run { stage in
            for (file, _) in try await write(stage) where !file.hasSuffix("/lt.pdf") {
                let output = try LongevityJudges.pyHanko(file, trust: stage.folder + "/root.pem")
                #expect(output.contains(":VALID") && !output.contains("INVALID"), "\(file) \(output)")
            }
        }
    }
}
