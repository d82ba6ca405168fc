// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Judges of long-term signatures that are not ours: the oracle (EU DSS) and pyHanko.
enum LongevityJudges {
    private static let environment = ProcessInfo.processInfo.environment
    static let oracle = environment["ORACLE_HOME"].map { $0 + "/oracle" }
    static let pyHanko = environment["PARAPH_JUDGES"].map { $0 + "/pyhanko" }

    struct Verdict: Decodable {
        struct Proof: Decodable {
            let field: String?
            let indication: String
            let format: String?
            let coverage: String?
        }
        let file: String
        let passed: Bool
        let error: String?
        let signatures: [Proof]
        let timestamps: [Proof]
    }

    /// What EU DSS says under its default policy, which wants revocation data; strict about changes.
    static func oracle(_ files: [String], trust: String) throws -> [Verdict] {
        let output = try Tool.run(
            [oracle ?? "", "pades", "--json", "--strict", "--trust", trust] + files
        ).output
        return try output.split(separator: "\n").filter { $0.hasPrefix("{") }.map {
            try JSONDecoder().decode(Verdict.self, from: Data($0.utf8))
        }
    }

    /// The last words of pyHanko's validation after EN 319 102-1, with past signatures and timestamps.
    static func pyHanko(_ file: String, trust: String) throws -> String {
        try Tool.run([
            pyHanko ?? "", "sign", "adesverify", "--trust", trust, "--trust-replace", "--executive-summary", file,
        ]).output
    }
}
