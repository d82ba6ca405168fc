// SPDX-License-Identifier: Apache-2.0
package import Clocks
import COpenSSL

/// Issues the certificates of a development authority (RFC 5280 profile).
package struct CertificateBuilder: Sendable {
    /// What the certificate will be used for; fixes its extensions.
    package enum Profile: Sendable, Hashable {
        /// A self-signed trust anchor.
        case root
        /// An authority that issues end-entity certificates only (path length 0).
        case issuingAuthority
        /// An end entity that signs documents: digitalSignature and nonRepudiation, EKU of RFC 9336.
        case documentSigning
        /// A time-stamping unit: critical EKU timeStamping alone (RFC 3161, 2.3).
        case timestamping
        /// An OCSP responder: EKU OCSPSigning, and id-pkix-ocsp-nocheck since nobody answers for it (RFC 6960, 4.2.2.2).
        case ocspResponder
        /// An OCSP responder whose own status is to be looked up.
        case checkedResponder
    }

    /// Who is certified.
    package var subject: DistinguishedName
    /// What for.
    package var profile: Profile
    /// First instant of the validity; certificates count whole seconds.
    package var notBefore: Instant
    /// Last instant of the validity.
    package var notAfter: Instant
    /// Empty by default.
    package var addresses = CertificateAddresses()

    /// A certificate to be issued; its serial number is drawn when it is.
    package init(subject: DistinguishedName, profile: Profile, notBefore: Instant, notAfter: Instant) {
        self.subject = subject
        self.profile = profile
        self.notBefore = notBefore
        self.notAfter = notAfter
    }

    /// Certifies a key by its own signature.
    /// - Throws: `CryptographyError` when the subject or the key cannot be used.
    package func selfSigned(by key: PrivateKey) throws(CryptographyError) -> Certificate {
        let certificate = try CertificateHandle()
        try fill(certificate, publicKey: key.publicKey())
        try subject.write(to: X509_get_subject_name(certificate.pointer))
        let name = X509_get_subject_name(certificate.pointer)
        try check(X509_set_issuer_name(certificate.pointer, name), "X509_set_issuer_name")
        return try finish(certificate, issuer: certificate.pointer, key: key)
    }

    /// Certifies another's key with an authority's.
    /// - Throws: `CryptographyError.invalidArgument` when `key` does not belong to `issuer` or that is no authority.
    package func issued(
        for publicKey: PublicKey, by issuer: Certificate, key: PrivateKey
    ) throws(CryptographyError) -> Certificate {
        guard issuer.isAuthority else { throw .invalidArgument("the issuer's certificate is not of an authority") }
        guard try key.publicKey() == issuer.publicKey else {
            throw .invalidArgument("the issuer's key does not belong to its certificate")
        }
        let certificate = try CertificateHandle()
        let authority = try CertificateHandle(der: issuer.der)
        try fill(certificate, publicKey: publicKey)
        try subject.write(to: X509_get_subject_name(certificate.pointer))
        let name = X509_get_subject_name(authority.pointer)
        try check(X509_set_issuer_name(certificate.pointer, name), "X509_set_issuer_name")
        return try finish(certificate, issuer: authority.pointer, key: key)
    }

    private func fill(_ certificate: borrowing CertificateHandle, publicKey: PublicKey) throws(CryptographyError) {
        let pointer = certificate.pointer
        try check(X509_set_version(pointer, Int(X509_VERSION_3)), "X509_set_version")
        let serial = try check(Self.randomSerial(), "BN_to_ASN1_INTEGER")
        defer { ASN1_STRING_free(serial) }
        try check(X509_set_serialNumber(pointer, serial), "X509_set_serialNumber")
        let first = X509_getm_notBefore(pointer)
        let last = X509_getm_notAfter(pointer)
        _ = try check(ASN1_TIME_set(first, time_t(notBefore.wholeSeconds)), "ASN1_TIME_set")
        _ = try check(ASN1_TIME_set(last, time_t(notAfter.wholeSeconds)), "ASN1_TIME_set")
        try publicKey.withHandle { key throws(CryptographyError) in
            try check(X509_set_pubkey(pointer, key), "X509_set_pubkey")
        }
    }

    /// 127 random bits: positive, and more than the 64 that the CA/Browser Forum asks for.
    ///
    /// The caller frees it.
    static func randomSerial() -> UnsafeMutablePointer<ASN1_INTEGER>? {
        var serial = SecureRandom.bytes(16)
        serial[0] = (serial[0] & 0x7F) | 0x40
        guard let number = BN_bin2bn(serial, Int32(serial.count), nil) else { return nil }
        defer { BN_free(number) }
        return BN_to_ASN1_INTEGER(number, nil)
    }

    private func finish(
        _ certificate: borrowing CertificateHandle, issuer: OpaquePointer, key: PrivateKey
    ) throws(CryptographyError) -> Certificate {
        let pointer = certificate.pointer
        for (nid, value) in profile.extensions + addresses.extensions {
            let made = try check(paraph_extension(pointer, issuer, nid, value), "X509V3_EXT_conf_nid")
            defer { X509_EXTENSION_free(made) }
            try check(X509_add_ext(pointer, made, -1), "X509_add_ext")
        }
        let digest = key.kind.defaultSignatureAlgorithm?.digest.handle
        try key.withHandle { key throws(CryptographyError) in
            guard X509_sign(pointer, key, digest) > 0 else { throw failure("X509_sign") }
        }
        return try Certificate(der: encodeDER("i2d_X509") { i2d_X509(pointer, $0) })
    }
}

extension CertificateBuilder.Profile {
    /// In writing order: the authority key identifier of a self-signed certificate needs its subject's first.
    fileprivate var extensions: [(nid: Int32, value: String)] {
        switch self {
        case .root:
            [
                (NID_basic_constraints, "critical,CA:TRUE"),
                (NID_key_usage, "critical,keyCertSign,cRLSign"),
                (NID_subject_key_identifier, "hash"),
                (NID_authority_key_identifier, "keyid:always"),
            ]
        case .issuingAuthority:
            [
                (NID_basic_constraints, "critical,CA:TRUE,pathlen:0"),
                (NID_key_usage, "critical,keyCertSign,cRLSign"),
                (NID_subject_key_identifier, "hash"),
                (NID_authority_key_identifier, "keyid:always"),
            ]
        case .documentSigning:
            [
                (NID_basic_constraints, "critical,CA:FALSE"),
                (NID_key_usage, "critical,digitalSignature,nonRepudiation"),
                (NID_ext_key_usage, "1.3.6.1.5.5.7.3.36"),
                (NID_subject_key_identifier, "hash"),
                (NID_authority_key_identifier, "keyid:always"),
            ]
        case .timestamping:
            [
                (NID_basic_constraints, "critical,CA:FALSE"),
                (NID_key_usage, "critical,digitalSignature"),
                (NID_ext_key_usage, "critical,timeStamping"),
                (NID_subject_key_identifier, "hash"),
                (NID_authority_key_identifier, "keyid:always"),
            ]
        case .ocspResponder:
            [
                (NID_basic_constraints, "critical,CA:FALSE"),
                (NID_key_usage, "critical,digitalSignature"),
                (NID_ext_key_usage, "OCSPSigning"),
                (NID_id_pkix_OCSP_noCheck, "ignored"),
                (NID_subject_key_identifier, "hash"),
                (NID_authority_key_identifier, "keyid:always"),
            ]
        case .checkedResponder:
            [
                (NID_basic_constraints, "critical,CA:FALSE"),
                (NID_key_usage, "critical,digitalSignature"),
                (NID_ext_key_usage, "OCSPSigning"),
                (NID_subject_key_identifier, "hash"),
                (NID_authority_key_identifier, "keyid:always"),
            ]
        }
    }
}

extension Instant {
    /// Rounded towards the past, as certificates have no fractions.
    var wholeSeconds: Int64 {
        microseconds >= 0 ? microseconds / 1_000_000 : (microseconds - 999_999) / 1_000_000
    }
}
