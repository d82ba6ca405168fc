// SPDX-License-Identifier: Apache-2.0
package import Clocks
import COpenSSL

/// An X.509 certificate, its parts copied out once; equal when the DER is.
package struct Certificate: Sendable, Hashable {
    /// The whole certificate.
    package let der: [UInt8]
    /// SHA-256 of the DER, as signing-certificate-v2 names it (RFC 5035, 3).
    package let sha256: [UInt8]
    /// The DER Name of the issuer, for IssuerAndSerialNumber (RFC 5652, 10.2.4).
    package let issuerDER: [UInt8]
    /// The DER Name of the subject.
    package let subjectDER: [UInt8]
    /// The serial number as a whole DER INTEGER, tag and length included.
    package let serialDER: [UInt8]
    /// The names of the subject that people read.
    package let subject: DistinguishedName
    /// The names of the issuer that people read.
    package let issuer: DistinguishedName
    /// First instant of the validity.
    package let notBefore: Instant
    /// Last instant of the validity.
    package let notAfter: Instant
    /// The certified key.
    package let publicKey: PublicKey
    /// True when basicConstraints say that it may issue certificates.
    package let isAuthority: Bool
    /// What keyUsage allows; nil when the extension is absent, which forbids nothing (RFC 5280, 4.2.1.3).
    package let keyUsage: KeyUsage?
    /// What extendedKeyUsage allows; empty when the extension is absent.
    package let purposes: ExtendedKeyUsage
    /// True when only one purpose is listed and the extension is critical, as RFC 3161, 2.3 asks of authorities.
    package let hasSingleCriticalPurpose: Bool
    /// True when a responder's certificate need not be checked for revocation (RFC 6960, 4.2.2.2.1).
    package let hasNoCheck: Bool
    /// What the issuer signed it with; nil when not known here.
    package let signatureAlgorithm: SignatureAlgorithm?
    /// The subjectKeyIdentifier extension.
    package let subjectKeyIdentifier: [UInt8]?
    /// Where its status and its issuer are found.
    package let addresses: CertificateAddresses

    /// - Throws: `CryptographyError.unreadableCertificate`, also for bytes behind the certificate.
    package init(der: [UInt8]) throws(CryptographyError) {
        let handle = try CertificateHandle(der: der)
        let pointer = handle.pointer
        self.der = der
        sha256 = SHA256.digest(of: der)
        let issuerName = X509_get_issuer_name(pointer)
        let subjectName = X509_get_subject_name(pointer)
        issuerDER = try encodeDER("i2d_X509_NAME") { i2d_X509_NAME(issuerName, $0) }
        subjectDER = try encodeDER("i2d_X509_NAME") { i2d_X509_NAME(subjectName, $0) }
        let serial = X509_get0_serialNumber(pointer)
        serialDER = try encodeDER("i2d_ASN1_INTEGER") { i2d_ASN1_INTEGER(serial, $0) }
        subject = DistinguishedName(reading: subjectName)
        issuer = DistinguishedName(reading: issuerName)
        notBefore = try instant(X509_get0_notBefore(pointer))
        notAfter = try instant(X509_get0_notAfter(pointer))
        let key = X509_get_X509_PUBKEY(pointer)
        publicKey = try PublicKey(
            subjectPublicKeyInfoDER: encodeDER("i2d_X509_PUBKEY") { i2d_X509_PUBKEY(key, $0) })
        isAuthority = X509_check_ca(pointer) == 1
        let usage = X509_get_key_usage(pointer)
        keyUsage = usage == UInt32.max ? nil : KeyUsage(rawValue: usage)
        let hasPurposes = X509_get_ext_by_NID(pointer, NID_ext_key_usage, -1) >= 0
        purposes = hasPurposes ? ExtendedKeyUsage(rawValue: X509_get_extended_key_usage(pointer)) : []
        hasSingleCriticalPurpose = Self.hasSingleCriticalPurpose(pointer)
        hasNoCheck = X509_get_ext_by_NID(pointer, NID_id_pkix_OCSP_noCheck, -1) >= 0
        var algorithm: UnsafePointer<X509_ALGOR>?
        X509_get0_signature(nil, &algorithm, pointer)
        signatureAlgorithm = SignatureAlgorithm(
            algorithmIdentifierDER: try encodeDER("i2d_X509_ALGOR") { i2d_X509_ALGOR(algorithm, $0) })
        subjectKeyIdentifier = X509_get0_subject_key_id(pointer).map(octets)
        addresses = CertificateAddresses(reading: pointer)
        ERR_clear_error()
    }

    /// Reads every certificate of a PEM text, in its order; other PEM blocks are passed over.
    /// - Throws: `CryptographyError.unreadableCertificate` when there is none or one cannot be read.
    package static func certificates(pem: [UInt8]) throws(CryptographyError) -> [Certificate] {
        let bio = try MemoryBIO(pem)
        var certificates: [Certificate] = []
        while let pointer = PEM_read_bio_X509(bio.pointer, nil, paraph_no_passphrase_callback(), nil) {
            defer { X509_free(pointer) }
            certificates.append(try Certificate(der: encodeDER("i2d_X509") { i2d_X509(pointer, $0) }))
        }
        let isAtEnd = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE
        ERR_clear_error()
        guard isAtEnd, !certificates.isEmpty else { throw .unreadableCertificate }
        return certificates
    }

    /// One PEM text of several certificates, in the given order.
    package static func pem(_ certificates: [Certificate]) throws(CryptographyError) -> [UInt8] {
        let bio = try MemoryBIO()
        for certificate in certificates {
            let handle = try CertificateHandle(der: certificate.der)
            try check(PEM_write_bio_X509(bio.pointer, handle.pointer), "PEM_write_bio_X509")
        }
        return bio.bytes
    }

    /// True when issuer and subject are the same name and the certificate's own key verifies it.
    package var isSelfSigned: Bool {
        issuerDER == subjectDER && isSigned(by: publicKey)
    }

    /// True when extendedKeyUsage is critical and allows timeStamping and nothing else (RFC 3161, 2.3).
    package var isTimestampingCertificate: Bool { purposes == .timeStamping && hasSingleCriticalPurpose }

    /// True when the key verifies the certificate's signature.
    package func isSigned(by key: PublicKey) -> Bool {
        defer { ERR_clear_error() }
        do throws(CryptographyError) {
            let handle = try CertificateHandle(der: der)
            return try key.withHandle { X509_verify(handle.pointer, $0) == 1 }
        } catch {
            return false
        }
    }

    /// Compares the whole encoding.
    package static func == (left: Certificate, right: Certificate) -> Bool { left.der == right.der }

    /// Hashes the certificate's own hash.
    package func hash(into hasher: inout Hasher) { hasher.combine(sha256) }

    private static func hasSingleCriticalPurpose(_ pointer: OpaquePointer) -> Bool {
        var critical: Int32 = 0
        guard let list = X509_get_ext_d2i(pointer, NID_ext_key_usage, &critical, nil) else { return false }
        let purposes = OpaquePointer(list)
        defer { EXTENDED_KEY_USAGE_free(purposes) }
        return critical > 0 && paraph_purpose_count(purposes) == 1
    }
}

/// The bits of the keyUsage extension, with OpenSSL's numbering.
package struct KeyUsage: OptionSet, Sendable, Hashable {
    /// The bits as X509_get_key_usage(3) gives them.
    package let rawValue: UInt32

    /// Takes bits as X509_get_key_usage(3) gives them.
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Signatures other than on certificates and revocation lists.
    package static let digitalSignature = KeyUsage(rawValue: UInt32(KU_DIGITAL_SIGNATURE))
    /// Signatures that bind the signer; X.509 calls it contentCommitment today.
    package static let nonRepudiation = KeyUsage(rawValue: UInt32(KU_NON_REPUDIATION))
}

/// The purposes of the extendedKeyUsage extension, with OpenSSL's numbering.
package struct ExtendedKeyUsage: OptionSet, Sendable, Hashable {
    /// The bits as X509_get_extended_key_usage(3) gives them.
    package let rawValue: UInt32

    /// Takes bits as X509_get_extended_key_usage(3) gives them.
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Signing OCSP responses (RFC 6960, 4.2.2.2).
    package static let ocspSigning = ExtendedKeyUsage(rawValue: UInt32(XKU_OCSP_SIGN))
    /// Signing timestamp tokens (RFC 3161, 2.3).
    package static let timeStamping = ExtendedKeyUsage(rawValue: UInt32(XKU_TIMESTAMP))
    /// Any purpose.
    package static let any = ExtendedKeyUsage(rawValue: UInt32(XKU_ANYEKU))
}

/// Owner of one X509, used within one call.
struct CertificateHandle: ~Copyable {
    let pointer: OpaquePointer

    init(der: [UInt8]) throws(CryptographyError) {
        guard let (parsed, consumed) = decodeDER(der, d2i_X509) else {
            ERR_clear_error()
            throw .unreadableCertificate
        }
        guard consumed == der.count else {
            X509_free(parsed)
            throw .unreadableCertificate
        }
        pointer = parsed
    }

    /// An empty certificate to fill.
    init() throws(CryptographyError) {
        pointer = try check(X509_new(), "X509_new")
    }

    deinit { X509_free(pointer) }
}
