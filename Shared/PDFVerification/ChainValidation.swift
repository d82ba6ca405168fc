// SPDX-License-Identifier: Apache-2.0
import Clocks
import Cryptography

/// X.509 certificate validation at the time that counts (EN 319 102-1, 5.2.6 and 5.6.2.1).
struct ChainValidation {
    /// When something is known to have existed.
    struct Proof: Equatable {
        let time: Instant
        /// False when the time is only that of the verification.
        let isProven: Bool
    }

    /// A chain that holds, and what is known about its revocation.
    struct Outcome {
        let path: CertificatePath
        let revocation: SignatureReport.Revocation
    }

    let policy: VerificationPolicy
    let data: ValidationData

    /// The chain of a certificate to an anchor.
    /// - Parameter what: How the report calls what the certificate signed, at the beginning of a sentence.
    /// - Throws: `Shortcoming` with the first fault.
    func validate(_ leaf: Certificate, at proof: Proof, what: String) throws(Shortcoming) -> Outcome {
        let path = try path(of: leaf, at: proof, what: what)
        try checkAlgorithms(path, at: proof)
        return Outcome(path: path, revocation: try checkRevocation(path, at: proof, what: what))
    }

    private func path(of leaf: Certificate, at proof: Proof, what: String) throws(Shortcoming) -> CertificatePath {
        do throws(CryptographyError) {
            return try CertificatePath.find(
                leaf: leaf, candidates: data.certificates, anchors: policy.trust, at: proof.time)
        } catch {
            guard case .untrustedChain(let fault) = error else {
                throw Shortcoming(.chainGeneralFailure, "The certificates cannot be checked: \(error).")
            }
            switch fault.kind {
            case .noPath:
                throw Shortcoming(
                    .noCertificateChainFound,
                    policy.trust.isEmpty
                        ? "No trust anchors were given, so nobody vouches for the certificate."
                        : "No chain leads from the certificate to a trust anchor.")
            case .outsideValidity: throw outsideValidity(leaf, at: proof, what: what)
            case .signature:
                throw Shortcoming(.chainGeneralFailure, "A certificate of the chain is not signed by its issuer.")
            case .constraints:
                throw Shortcoming(.chainConstraintsFailure, "The chain breaks a rule: \(fault).")
            }
        }
    }

    private func outsideValidity(_ leaf: Certificate, at proof: Proof, what: String) -> Shortcoming {
        if proof.isProven, proof.time < leaf.notBefore {
            return Shortcoming(
                .notYetValid,
                "\(what) existed on \(proof.time.date), before its certificate was valid (\(leaf.notBefore.date)).")
        }
        return Shortcoming(
            .outOfBoundsNoPOE,
            proof.isProven
                ? "A certificate of the chain was not valid on \(proof.time.date), the oldest time that is proven."
                : "A certificate of the chain is not valid now, and no timestamp proves that \(what) is older.")
    }

    /// The anchor is trusted as it is; its own signature proves nothing.
    private func checkAlgorithms(_ path: CertificatePath, at proof: Proof) throws(Shortcoming) {
        for link in path.links {
            if let shortcoming = AlgorithmConstraints.shortcoming(
                of: link.certificate.signatureAlgorithm, key: link.issuer.publicKey.kind, at: proof.time,
                isProven: proof.isProven, what: "A certificate of the chain")
            {
                throw shortcoming
            }
        }
    }

    private func checkRevocation(
        _ path: CertificatePath, at proof: Proof, what: String
    ) throws(Shortcoming) -> SignatureReport.Revocation {
        let check = RevocationCheck(data: data)
        var result = SignatureReport.Revocation.good
        for (depth, link) in path.links.enumerated() {
            switch check.finding(for: link.certificate, issuer: link.issuer, at: proof.time, isProven: proof.isProven) {
            case .good: continue
            case .unknown: result = .unchecked
            case .revoked(let since):
                throw Shortcoming(
                    depth == 0 ? .revokedNoPOE : .revokedAuthorityNoPOE,
                    "A certificate was revoked on \(since.date), and no timestamp proves that \(what) is older.")
            }
        }
        guard result == .good || policy.revocation == .whereCarried else {
            throw Shortcoming(.tryLater, "The file has no revocation data for every certificate at \(proof.time.date).")
        }
        return result
    }
}
