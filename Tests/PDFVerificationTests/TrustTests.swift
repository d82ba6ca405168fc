// SPDX-License-Identifier: Apache-2.0
import Foundation
import PDFVerification
import Testing

/// What EN 319 102-1 says of signatures that pyHanko made, at times and with anchors of our choice.
@Suite(.enabled(if: ForeignSignatures.shared != nil, "needs pyHanko in PARAPH_JUDGES"))
struct TrustTests {
    private let files: ForeignSignatures

    init() throws { files = try #require(ForeignSignatures.shared) }

    private func only(_ report: VerificationReport) throws -> SignatureReport {
        #expect(report.signatures.count == 1)
        return try #require(report.signatures.first)
    }

    @Test func `SIG-15: a trusted B-B signature passes while its certificate is valid, with a note on revocation`()
        throws
    {
        let report = try files.verify("b-b", on: "2026-11-12")
        let signature = try only(report)
        #expect(report.isPassed)
        #expect(signature.indication == .passed && signature.subIndication == nil && signature.reason == nil)
        #expect(signature.level == "B-B" && signature.coverage == .wholeFile && signature.integrity == .intact)
        #expect(signature.revocation == .unchecked && signature.notes.count == 1)
        #expect(signature.timeSource == "claimed")
    }

    @Test func `without anchors, or with another of the same name, no signature passes and all else is told`() throws {
        for trust in [[], [files.stranger]] {
            let signature = try only(files.verify("b-lta", on: "2026-11-12", trust: trust))
            #expect(signature.indication == .indeterminate)
            #expect([.noCertificateChainFound, .chainGeneralFailure].contains(signature.subIndication))
            #expect(signature.integrity == .intact && signature.coverage == .wholeRevision)
            #expect(signature.level == "B-LTA" && signature.changesAfter == .permitted)
        }
    }

    @Test func `revocation data can be asked for`() throws {
        let signature = try only(files.verify("b-b", on: "2026-11-12", revocation: .required))
        #expect(signature.indication == .indeterminate && signature.subIndication == .tryLater)
        let archived = try only(files.verify("b-lta", on: "2026-11-12", revocation: .required))
        #expect(archived.indication == .passed && archived.revocation == .good)
    }

    @Test func `without a timestamp a signature does not outlive its certificate`() throws {
        let signature = try only(files.verify("b-b", on: "2027-02-01"))
        #expect(signature.indication == .indeterminate && signature.subIndication == .outOfBoundsNoPOE)
    }

    @Test func `a timestamp carries a signature past its certificate, and not past the authority's`() throws {
        let signature = try only(files.verify("b-t", on: "2027-02-01"))
        #expect(signature.indication == .passed && signature.level == "B-T")
        #expect(signature.time == "2026-11-10T00:00:00Z" && signature.timeSource == "timestamp")
        #expect(signature.timestamps.map(\.indication) == [.passed])
        #expect(signature.timestamps.map(\.authority) == ["Authority"])
        let later = try only(files.verify("b-t", on: "2031-01-01"))
        #expect(later.indication == .indeterminate && later.subIndication == .outOfBoundsNoPOE)
        #expect(later.timestamps.map(\.subIndication) == [.outOfBoundsNoPOE])
    }

    @Test func `ID-10, LTV-03: a B-LTA signature passes from the file alone after its certificate has expired`() throws
    {
        let report = try files.verify("b-lta", on: "2029-06-01")
        let signature = try only(report)
        #expect(report.isPassed)
        #expect(signature.level == "B-LTA" && signature.revocation == .good && signature.notes.isEmpty)
        #expect(report.timestamps.map(\.indication) == [.passed])
        // pyHanko appends the data for the timestamp itself in a revision of their own.
        #expect(report.timestamps.map(\.coverage) == [.wholeRevision])
        #expect(report.timestamps.map(\.time) == ["2026-11-10T00:00:00Z"])
    }

    @Test func `LTV-03: renewed document timestamps carry it past the first authority's certificate`() throws {
        #expect(try only(files.verify("b-lta", on: "2035-01-01")).subIndication == .outOfBoundsNoPOE)
        let report = try files.verify("renewed", on: "2035-01-01")
        let signature = try only(report)
        #expect(report.isPassed)
        #expect(signature.level == "B-LTA" && signature.revocation == .good)
        #expect(signature.time == "2026-11-10T00:00:00Z")
        #expect(report.timestamps.map(\.indication) == [.passed, .passed])
        #expect(report.timestamps.map(\.coverage) == [.wholeRevision, .wholeRevision])
    }

    @Test func `a revocation before the proven time counts, and one after it does not`() throws {
        let before = try only(files.verify("revoked-before", on: "2026-11-20"))
        #expect(before.indication == .indeterminate && before.subIndication == .revokedNoPOE)
        #expect(before.revocation == .revoked)
        let after = try only(files.verify("revoked-after", on: "2026-11-20"))
        #expect(after.indication == .passed && after.revocation == .good && after.level == "B-LT")
    }

    @Test func `any changed byte that a document timestamp covers is found`() throws {
        let bytes = files.bytes("b-lta")
        let pattern = Array("/V ".utf8)
        let end = try #require(bytes.indices.last { bytes[$0...].starts(with: pattern) })
        for position in stride(from: 3, to: end, by: 131) {
            var changed = bytes
            changed[position] ^= 0x04
            guard let report = try? files.verify(changed, on: "2026-11-12") else { continue }
            let isArchived = report.signatures.contains { $0.level == "B-LTA" }
            #expect(!(report.isPassed && isArchived), "byte \(position)")
        }
    }

    @Test func `the JSON has the members that the command promises, and comes back`() throws {
        let report = try files.verify("b-lta", on: "2026-11-12")
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let data = try encoder.encode(report)
        let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let signature = try #require((object["signatures"] as? [[String: Any]])?.first)
        for member in [
            "field", "indication", "integrity", "coverage", "changes_after", "changes", "level", "signer", "time",
        ] {
            #expect(signature[member] != nil, "\(member)")
        }
        #expect(signature["indication"] as? String == "TOTAL-PASSED")
        let change = try #require((signature["changes"] as? [[String: Any]])?.first)
        #expect(Set(change.keys) == ["object", "what", "permitted", "why"])
        #expect(try JSONDecoder().decode(VerificationReport.self, from: data) == report)
        #expect(try encoder.encode(files.verify("b-lta", on: "2026-11-12")) == data)
    }
}
