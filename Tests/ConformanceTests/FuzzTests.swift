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
            SourceTree.root.appendingPathComponent("deploy/samples").path, Self.seeds.path,
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
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.seeds.path).filter { $0.hasSuffix(".pdf") }
        guard !names.isEmpty else { return }
        let replayed = names.flatMap { ["--replay", Self.seeds.appendingPathComponent($0).path] }
        let result = try await Tool.run([Self.program, "--findings", findings.path] + replayed, timeoutSeconds: 300)
        #expect(result.status == 0, Comment(rawValue: String(result.output.suffix(2_000))))
    }
}
