// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Cryptography
import PDFSyntax

/// The building blocks of EN 319 102-1, 5.2 and 5.6, for one signature.
struct SignatureCheck {
    private let field: SignedField
    private let document: PDFDocument
    private let chain: ChainValidation

    init(_ field: SignedField, document: PDFDocument, chain: ChainValidation) {
        self.field = field
        self.document = document
        self.chain = chain
    }

    /// Identification, integrity, timestamps, chain, algorithms and acceptance.
    /// - Parameter stampProof: What document timestamps prove about the signature.
    func run(
        _ cms: ParsedCMS, stampProof: ChainValidation.Proof, _ report: inout SignatureReport
    ) throws(PDFError) {
        report.algorithm = "\(cms.algorithm)"
        claimTime(&report)
        guard let signer = cms.signer(among: chain.data.certificates) else {
            report.note(CMSFault.noCertificate.shortcoming)
            return
        }
        name(signer, &report)
        guard let range = field.range else {
            report.integrity = .broken
            return
        }
        let digest = try digest(of: range, for: cms)
        do throws(CMSFault) {
            try verify(cms, by: signer, digest: digest)
            report.integrity = .intact
        } catch {
            report.integrity = error.integrity
            report.note(error.shortcoming)
        }
        accept(cms, signer: signer, &report)
        let proof = stampedTime(cms, before: stampProof, &report)
        if proof.isProven {
            report.time = proof.time.rfc3339(fractionDigits: 0)
            report.timeSource = "timestamp"
        }
        trust(signer, algorithm: cms.algorithm, at: proof, &report)
    }

    /// `adbe.x509.rsa_sha1`: `/Contents` is one PKCS #1 signature value (ISO 32000-1, 12.8.3.2).
    func runRawRSA(proof: ChainValidation.Proof, _ report: inout SignatureReport) throws(PDFError) {
        claimTime(&report)
        report.level = "X509"
        let certificates = try field.certificates(in: document)
        let reader = DERReader(field.contents)
        guard let value = reader.root, value.tag == 0x04, let range = field.range else {
            report.note(CMSFault.unreadable.shortcoming)
            return
        }
        guard let signer = certificates.first else {
            report.note(CMSFault.noCertificate.shortcoming)
            return
        }
        name(signer, &report)
        var found: SignatureAlgorithm?
        for digest in [DigestAlgorithm.sha1, .sha256, .sha384, .sha512] where found == nil {
            let algorithm = SignatureAlgorithm(scheme: .rsaPKCS1, digest: digest)
            let bytes = try range.digest(digest, in: document)
            if signer.publicKey.isValid(signature: reader.content(value), digest: bytes, algorithm: algorithm) {
                found = algorithm
            }
        }
        guard let found else {
            report.integrity = .broken
            report.note(CMSFault.value.shortcoming)
            return
        }
        report.integrity = .intact
        report.algorithm = "\(found)"
        var data = chain.data
        data.add(certificates)
        SignatureCheck(field, document: document, chain: ChainValidation(policy: chain.policy, data: data))
            .trust(signer, algorithm: found, at: proof, &report)
    }

    // MARK: Blocks

    private func claimTime(_ report: inout SignatureReport) {
        guard let claimed = field.claimedTime.flatMap(PDFDate.instant) else { return }
        report.time = claimed.rfc3339(fractionDigits: 0)
        report.timeSource = "claimed"
    }

    private func name(_ signer: Certificate, _ report: inout SignatureReport) {
        report.certificateName = signer.subject.commonName
        report.certificateSHA256 = Hex.encode(signer.sha256)
        report.signer = report.signer ?? signer.subject.commonName
    }

    private func digest(of range: SignedRange, for cms: ParsedCMS) throws(PDFError) -> [UInt8] {
        try range.digest(field.format == .pkcs7SHA1 ? .sha1 : cms.digestAlgorithm, in: document)
    }

    private func verify(_ cms: ParsedCMS, by signer: Certificate, digest: [UInt8]) throws(CMSFault) {
        if field.format == .pkcs7SHA1 {
            try cms.verify(containedSHA1: digest, by: signer)
        } else {
            try cms.verify(contentDigest: digest, by: signer)
        }
    }

    /// What the form of the signature promises beyond the cryptography.
    private func accept(_ cms: ParsedCMS, signer: Certificate, _ report: inout SignatureReport) {
        if field.format == .cades, cms.attributes == nil {
            report.note(Shortcoming(.formatFailure, "A PAdES signature must have signed attributes."))
        }
        switch cms.signedAttributes.names(signer) {
        case true?: break
        case false?:
            report.note(
                Shortcoming(
                    .noSigningCertificateFound, "The signature names another certificate than the one it is made with.")
            )
        case nil where field.format == .cades:
            report.note(Shortcoming(.noSigningCertificateFound, "The signature does not name its certificate."))
        case nil:
            report.notes.append(
                "The signature does not name its certificate, so another one of the same key would fit.")
        }
        if !cms.isCleanDER {
            report.notes.append("The signature is not in distinguished encoding, or other bytes stand behind it.")
        }
        if let usage = signer.keyUsage, usage.isDisjoint(with: [.digitalSignature, .nonRepudiation]) {
            report.note(Shortcoming(.chainConstraintsFailure, "The certificate is not for signing documents."))
        }
    }

    /// Checks the timestamps in the signature and takes the oldest proof (EN 319 102-1, 5.5.4).
    private func stampedTime(
        _ cms: ParsedCMS, before stampProof: ChainValidation.Proof, _ report: inout SignatureReport
    ) -> ChainValidation.Proof {
        var proof = stampProof
        for token in cms.signatureTimestamps {
            var stamp = TimestampReport()
            if let token {
                let time = TimestampValidation(chain: chain).validate(
                    token, digest: { $0.digest(of: cms.signature) }, at: stampProof, &stamp)
                if let time, stampProof.isProven, time > stampProof.time {
                    stamp.indication = .indeterminate
                    stamp.note(
                        Shortcoming(.timestampOrderFailure, "It is later than a document timestamp that covers it."))
                    report.note(
                        Shortcoming(
                            .timestampOrderFailure,
                            "A timestamp in the signature is later than a document timestamp that covers it."))
                } else if let time, time < proof.time || !proof.isProven {
                    proof = ChainValidation.Proof(time: time, isProven: true)
                }
            } else {
                stamp.note(Shortcoming(.formatFailure, "The timestamp is not a token of RFC 3161."))
            }
            report.timestamps.append(stamp)
        }
        return proof
    }

    private func trust(
        _ signer: Certificate, algorithm: SignatureAlgorithm, at proof: ChainValidation.Proof,
        _ report: inout SignatureReport
    ) {
        if let shortcoming = AlgorithmConstraints.shortcoming(
            of: algorithm, key: signer.publicKey.kind, at: proof.time, isProven: proof.isProven, what: "The signature")
        {
            report.note(shortcoming)
        }
        do throws(Shortcoming) {
            report.revocation = try chain.validate(signer, at: proof, what: "the signature").revocation
            if report.revocation == .unchecked {
                report.notes.append(
                    "The file has no revocation data for the time that counts; revocation was not checked.")
            }
        } catch {
            if [.revokedNoPOE, .revokedAuthorityNoPOE].contains(error.subIndication) { report.revocation = .revoked }
            report.note(error)
        }
    }
}
