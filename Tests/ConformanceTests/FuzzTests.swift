// SPDX-License-Identifier: Apache-2.0
import Foundation
import SystemDriver
import Testing

/// A short run of `deploy/fuzz`, and everything that once did harm.
@Suite(.serialized) struct FuzzTests {
    private static let program = SystemOptions.builtPrograms?.appendingPathComponent("Fuzz").path ?? ""
    private static let seeds = SourceTree.root.appendingPathComponent("Tests/Fuzz/Seeds")

    @Test func `20,000 mutated documents crash, hang or fill nothing`() async throws {
        let findings = try Tool.scratchFolder("findings")
        defer { try? FileManager.default.removeItem(at: findings) }
        let folders = [
            SourceTree.root.appendingPathComponent("deploy/samples").path,
            SourceTree.root.appendingPathComponent("Tests").path,
            Corpus.isHere ? Corpus.path("corpus") : nil,
        ].compactMap(\.self)
        let result = try await Tool.run(
            [Self.program, "--inputs", "20000", "--seed", "2026", "--findings", findings.path] + folders,
            timeoutSeconds: 900)
        #expect(result.status == 0, Comment(rawValue: String(result.output.suffix(2_000))))
    }

    @Test func `what once did harm does none`() async throws {
        let findings = try Tool.scratchFolder("findings")
        defer { try? FileManager.default.removeItem(at: findings) }
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.seeds.path).filter { $0 != "README.md" }
        guard !names.isEmpty else { return }
        let replayed = names.flatMap { ["--replay", Self.seeds.appendingPathComponent($0).path] }
        let result = try await Tool.run([Self.program, "--findings", findings.path] + replayed, timeoutSeconds: 300)
        #expect(result.status == 0, Comment(rawValue: String(result.output.suffix(2_000))))
    }

    @Test(arguments: [
        ("crash", "crash"), ("overflow", "crash"), ("hang", "hang"), ("grow", "memory"), ("misread", "wrong"),
    ])
    func `harm that a worker does is found, and the run goes on behind it`(harm: String, kind: String) async throws {
        let findings = try Tool.scratchFolder("findings")
        defer { try? FileManager.default.removeItem(at: findings) }
        let samples = SourceTree.root.appendingPathComponent("deploy/samples").path
        let result = try await Tool.run(
            [
                Self.program, "--inputs", "6", "--jobs", "1", "--seconds", "1", "--harm", harm, "--findings",
                findings.path, samples,
            ], timeoutSeconds: 300)
        #expect(result.status == 1)
        #expect(result.output.contains("6 of 6 inputs, 1 findings"), Comment(rawValue: result.output))
        let kept = try FileManager.default.contentsOfDirectory(atPath: findings.path)
        #expect(kept.count == 1 && kept[0].hasPrefix("\(kind)-1-3."))
    }
}
