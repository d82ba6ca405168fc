// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Cryptography
import Keys
import PDFSigning
import PDFSyntax
import PDFVerification
import Testing

/// What our verifier says of our own levels; that both are right is for the independent judges to say.
@Suite struct VerifiedLevelTests {
    private static let names: [SignatureLevel: String] = [
        .basic: "B-B", .timestamped: "B-T", .longTerm: "B-LT", .longTermArchived: "B-LTA",
    ]

    @Test func `ID-10, LTV-02: every level is verified as what it is, from the file alone`() async throws {
        try await AuthorityStage.run { stage in
            for kind in [true, false] {
                let credential = try stage.credential(kind ? .p256 : .rsa(bits: 2048))
                for level in SignatureLevel.allCases {
                    let (document, _) = try await stage.signed(SampleDocument.onePage(), to: level, credential)
                    let verifier = try SignatureVerifier(source: ArraySource(document))
                    var policy = VerificationPolicy(trust: [stage.authority.root], time: stage.clock.now())
                    let report = try verifier.verify(policy)
                    let signature = try #require(report.signatures.first)
                    #expect(report.isPassed, "\(level): \(signature.reason ?? "")")
                    #expect(signature.level == Self.names[level])
                    #expect(signature.timeSource == (level >= .timestamped ? "timestamp" : "claimed"))
                    policy.revocation = .required
                    let strict = try #require(try verifier.verify(policy).signatures.first)
                    #expect(strict.indication == (level >= .longTerm ? .passed : .indeterminate), "\(level)")
                }
            }
        }
    }
}
