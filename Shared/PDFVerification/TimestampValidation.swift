// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Cryptography

/// Validation of one timestamp token (EN 319 102-1, 5.4).
struct TimestampValidation {
    let chain: ChainValidation

    /// Fills the report on a token.
    /// - Parameter digest: The digest of what was stamped, by the algorithm of the imprint.
    /// - Parameter proof: When the token is known to have existed.
    /// - Returns: The time that is proven when the token passes.
    func validate(
        _ token: TimestampToken, digest: (DigestAlgorithm) -> [UInt8], at proof: ChainValidation.Proof,
        _ report: inout TimestampReport
    ) -> Instant? {
        report.time = token.time.rfc3339(fractionDigits: 0)
        report.authority = token.signer?.subject.commonName
        report.certificateSHA256 = token.signer.map { Hex.encode($0.sha256) }
        do throws(Shortcoming) {
            try checkIntegrity(token, digest)
            report.integrity = .intact
            try checkSigner(token, at: proof, &report)
            report.indication = .passed
            return token.time
        } catch {
            if error.subIndication == .hashFailure || error.subIndication == .signatureCryptoFailure {
                report.integrity = .broken
            }
            report.note(error)
            return nil
        }
    }

    private func checkIntegrity(
        _ token: TimestampToken, _ digest: (DigestAlgorithm) -> [UInt8]
    ) throws(Shortcoming) {
        guard let algorithm = token.imprintAlgorithm else {
            throw Shortcoming(.cryptoConstraintsFailure, "The imprint uses a digest that is not known here.")
        }
        guard token.imprint == digest(algorithm) else {
            throw Shortcoming(.hashFailure, "The timestamp is not one of these bytes.")
        }
        guard token.signer != nil else {
            throw Shortcoming(.noSigningCertificateFound, "The timestamp does not carry its authority's certificate.")
        }
        guard token.verifySignature() else {
            throw Shortcoming(.signatureCryptoFailure, "The authority's signature on the timestamp is wrong.")
        }
    }

    private func checkSigner(
        _ token: TimestampToken, at proof: ChainValidation.Proof, _ report: inout TimestampReport
    ) throws(Shortcoming) {
        guard let signer = token.signer, token.namesSigner else {
            throw Shortcoming(.noSigningCertificateFound, "The timestamp does not name its authority's certificate.")
        }
        if let algorithm = token.imprintAlgorithm,
            let shortcoming = AlgorithmConstraints.shortcoming(
                of: SignatureAlgorithm(scheme: .ecdsa, digest: algorithm), key: signer.publicKey.kind, at: proof.time,
                isProven: proof.isProven, what: "The timestamp")
        {
            throw shortcoming
        }
        guard signer.isTimestampingCertificate else {
            throw Shortcoming(.chainConstraintsFailure, "The authority's certificate is not for timestamps alone.")
        }
        // The authority's certificate must have been valid when it made the token (RFC 3161, 4.3).
        guard signer.notBefore <= token.time, token.time <= signer.notAfter else {
            throw Shortcoming(.notYetValid, "The authority's certificate was not valid at the time of the timestamp.")
        }
        report.revocation = try chain.validate(signer, at: proof, what: "the timestamp").revocation
    }
}
