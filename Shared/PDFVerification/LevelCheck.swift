// SPDX-License-Identifier: Apache-2.0
import Clocks
import Cryptography
import PDFSyntax

/// Which level of EN 319 142-1, 6 a signature has reached, by what is in the file and not by who is trusted.
struct LevelCheck {
    let field: SignedField
    let cms: ParsedCMS
    let data: ValidationData
    let policy: VerificationPolicy
    /// Document timestamps whose imprint and signature hold.
    let documentStamps: [(range: SignedRange, time: Instant)]

    /// The name of the level.
    func level(of report: SignatureReport) -> String? {
        guard field.format == .cades else { return "PKCS7" }
        guard let signer = cms.signer(among: data.certificates), isBaseline(signer) else { return "PAdES" }
        guard report.integrity == .intact, let gap = field.range?.gap else { return "B-B" }
        let stamps = zip(cms.signatureTimestamps, report.timestamps)
            .compactMap { $1.integrity == .intact ? $0 : nil }
        let covering = documentStamps.filter { $0.range.covers(gap.lowerBound) }
        guard let time = (stamps.map(\.time) + covering.map(\.time)).min() else { return "B-B" }
        var leaves = [(signer, time)]
        for stamp in stamps {
            guard let authority = stamp.signer else { return "B-T" }
            // The authority's certificates must have been good when the next timestamp, or nobody, vouches for them.
            leaves.append((authority, stamp.time))
        }
        guard data.hasStore, let offsets = evidence(for: leaves) else { return "B-T" }
        let isArchived = covering.contains { stamp in
            stamp.range.gap.lowerBound > gap.upperBound && offsets.allSatisfy { stamp.range.covers($0) }
        }
        return isArchived ? "B-LTA" : "B-LT"
    }

    /// Exactly the attributes that B-B asks for and none that it forbids (EN 319 142-1, 6.3).
    private func isBaseline(_ signer: Certificate) -> Bool {
        cms.isCleanDER && cms.contentType == CMSIdentifier.data && field.claimedTime != nil
            && field.dictionary["Cert"] == nil && cms.certificates.contains(signer)
            && cms.signedAttributes.names(signer) == true
            && ![CMSIdentifier.signingTime, CMSIdentifier.revocationArchival].contains(where: cms.signedAttributes.has)
            && ![CMSIdentifier.certificateValues, CMSIdentifier.revocationValues]
                .contains(where: cms.unsignedAttributes.has)
    }

    /// Where the revocation data for every certificate of the chains stand; nil when some are missing.
    private func evidence(for leaves: [(certificate: Certificate, time: Instant)]) -> [Int]? {
        let anchors = policy.trust + data.certificates.filter(\.isSelfSigned)
        let check = RevocationCheck(data: data)
        var offsets: [Int] = []
        for leaf in leaves {
            let path = try? CertificatePath.find(
                leaf: leaf.certificate, candidates: data.certificates, anchors: anchors, at: nil)
            guard let path else { return nil }
            for link in path.links {
                let finding = check.finding(
                    for: link.certificate, issuer: link.issuer, at: leaf.time, isProven: true)
                guard case .good(let offset) = finding else { return nil }
                offsets.append(offset)
            }
        }
        return offsets
    }
}
