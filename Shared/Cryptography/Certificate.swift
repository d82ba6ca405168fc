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
    /// The subjectKeyIdentifier extension.
    package let subjectKeyIdentifier: [UInt8]?

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
        notBefore = try Self.instant(X509_get0_notBefore(pointer))
        notAfter = try Self.instant(X509_get0_notAfter(pointer))
        let key = X509_get_X509_PUBKEY(pointer)
        publicKey = try PublicKey(
            subjectPublicKeyInfoDER: encodeDER("i2d_X509_PUBKEY") { i2d_X509_PUBKEY(key, $0) })
        isAuthority = X509_check_ca(pointer) == 1
        let usage = X509_get_key_usage(pointer)
        keyUsage = usage == UInt32.max ? nil : KeyUsage(rawValue: usage)
        subjectKeyIdentifier = X509_get0_subject_key_id(pointer).map { identifier in
            [UInt8](
                UnsafeRawBufferPointer(
                    start: ASN1_STRING_get0_data(identifier), count: Int(ASN1_STRING_length(identifier))))
        }
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

    private static func instant(_ time: UnsafePointer<ASN1_TIME>?) throws(CryptographyError) -> Instant {
        guard let epoch = ASN1_TIME_set(nil, 0) else { throw failure("ASN1_TIME_set") }
        defer { ASN1_STRING_free(epoch) }
        var days: Int32 = 0
        var seconds: Int32 = 0
        guard let time, ASN1_TIME_diff(&days, &seconds, epoch, time) == 1 else {
            ERR_clear_error()
            throw .unreadableCertificate
        }
        return Instant(microseconds: (Int64(days) * 86_400 + Int64(seconds)) * 1_000_000)
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
    /// Signatures on certificates.
    package static let certificateSigning = KeyUsage(rawValue: UInt32(KU_KEY_CERT_SIGN))
    /// Signatures on revocation lists.
    package static let revocationListSigning = KeyUsage(rawValue: UInt32(KU_CRL_SIGN))
}

/// Owner of one X509, used within one call.
struct CertificateHandle: ~Copyable {
    let pointer: OpaquePointer

    init(der: [UInt8]) throws(CryptographyError) {
        var consumed = 0
        let parsed = der.withUnsafeBufferPointer { buffer -> OpaquePointer? in
            var cursor = buffer.baseAddress
            let parsed = d2i_X509(nil, &cursor, buffer.count)
            if let cursor, let start = buffer.baseAddress { consumed = cursor - start }
            return parsed
        }
        guard let parsed else {
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
