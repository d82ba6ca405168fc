// SPDX-License-Identifier: Apache-2.0
package import Clocks
import COpenSSL

/// A complete certificate revocation list (RFC 5280, 5), kept parsed; equal when the DER is.
package struct RevocationList: Sendable, Hashable {
    /// The whole list.
    package let der: [UInt8]
    /// The DER Name of who issued it.
    package let issuerDER: [UInt8]
    /// When it was made.
    package let thisUpdate: Instant
    /// When the next one comes at the latest; nil in lists that break RFC 5280, 5.1.2.5.
    package let nextUpdate: Instant?
    /// Since when it keeps certificates that have expired (expiredCertsOnCRL, X.509, 9.5.2.8).
    package let expiredSince: Instant?
    /// What it is signed with; nil when not known here.
    package let signatureAlgorithm: SignatureAlgorithm?
    private let handle: RevocationListHandle

    /// - Throws: `CryptographyError.unreadableRevocationData`, also for delta lists and for lists that are indirect or
    ///   hold some reasons or attribute certificates only.
    package init(der: [UInt8]) throws(CryptographyError) {
        handle = try RevocationListHandle(der: der)
        let pointer = handle.pointer
        self.der = der
        guard X509_CRL_get_ext_by_NID(pointer, NID_delta_crl, -1) < 0 else {
            throw .unreadableRevocationData("delta revocation lists are not used here")
        }
        if let scope = X509_CRL_get_ext_d2i(pointer, NID_issuing_distribution_point, nil, nil) {
            let scope = scope.assumingMemoryBound(to: ISSUING_DIST_POINT.self)
            defer { ISSUING_DIST_POINT_free(scope) }
            guard scope.pointee.indirectCRL <= 0, scope.pointee.onlysomereasons == nil, scope.pointee.onlyattr <= 0
            else { throw .unreadableRevocationData("indirect and partial revocation lists are not used here") }
        }
        let name = X509_CRL_get_issuer(pointer)
        issuerDER = try encodeDER("i2d_X509_NAME") { i2d_X509_NAME(name, $0) }
        thisUpdate = try instant(X509_CRL_get0_lastUpdate(pointer))
        var next: Instant?
        if let time = X509_CRL_get0_nextUpdate(pointer) { next = try instant(time) }
        nextUpdate = next
        expiredSince = try Self.expiredSince(pointer)
        var algorithm: UnsafePointer<X509_ALGOR>?
        X509_CRL_get0_signature(pointer, nil, &algorithm)
        signatureAlgorithm = SignatureAlgorithm(
            algorithmIdentifierDER: try encodeDER("i2d_X509_ALGOR") { i2d_X509_ALGOR(algorithm, $0) })
        ERR_clear_error()
    }

    /// What the list says about a certificate, whatever the time is.
    ///
    /// OpenSSL checks that the list is the issuer's own, that the issuer may sign lists, the signature, and that the
    /// certificate is in the list's scope (RFC 5280, 6.3.3).
    /// - Throws: `CryptographyError.unusableRevocationData` when the list says nothing about this certificate.
    package func status(of certificate: Certificate, issuer: Certificate) throws(CryptographyError) -> RevocationStatus
    {
        let leaf = try CertificateHandle(der: certificate.der)
        let authority = try CertificateHandle(der: issuer.der)
        let store = try check(X509_STORE_new(), "X509_STORE_new")
        defer { X509_STORE_free(store) }
        // The store takes references of its own (X509_STORE_add_cert(3)).
        try check(X509_STORE_add_cert(store, authority.pointer), "X509_STORE_add_cert")
        try check(X509_STORE_add_crl(store, handle.pointer), "X509_STORE_add_crl")
        let context = try check(X509_STORE_CTX_new(), "X509_STORE_CTX_new")
        defer { X509_STORE_CTX_free(context) }
        defer { ERR_clear_error() }
        try check(X509_STORE_CTX_init(context, store, leaf.pointer, nil), "X509_STORE_CTX_init")
        let flags =
            X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_CRL_CHECK | X509_V_FLAG_NO_CHECK_TIME | X509_V_FLAG_IGNORE_CRITICAL
        try check(
            X509_VERIFY_PARAM_set_flags(X509_STORE_CTX_get0_param(context), UInt(flags)), "X509_VERIFY_PARAM_set_flags")
        if X509_verify_cert(context) == 1 { return .good }
        let fault = ChainFault(
            code: X509_STORE_CTX_get_error(context), depth: Int(X509_STORE_CTX_get_error_depth(context)))
        guard fault.code == X509_V_ERR_CERT_REVOKED else {
            throw .unusableRevocationData("the revocation list does not count for the certificate: \(fault)")
        }
        return try revocation(of: leaf)
    }

    private func revocation(of leaf: borrowing CertificateHandle) throws(CryptographyError) -> RevocationStatus {
        var entry: OpaquePointer?
        guard X509_CRL_get0_by_cert(handle.pointer, &entry, leaf.pointer) > 0, let entry else { return .good }
        var reason: RevocationReason?
        if let value = X509_REVOKED_get_ext_d2i(entry, NID_crl_reason, nil, nil) {
            let number = value.assumingMemoryBound(to: ASN1_ENUMERATED.self)
            reason = RevocationReason(rawValue: ASN1_ENUMERATED_get(number))
            ASN1_STRING_free(number)
        }
        return .revoked(at: try instant(X509_REVOKED_get0_revocationDate(entry)), reason: reason)
    }

    /// Compares the whole encoding.
    package static func == (left: RevocationList, right: RevocationList) -> Bool { left.der == right.der }

    /// Hashes issuer and time only: the rest may be megabytes.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(issuerDER)
        hasher.combine(thisUpdate)
    }

    private static func expiredSince(_ list: OpaquePointer) throws(CryptographyError) -> Instant? {
        guard let oid = OBJ_txt2obj("2.5.29.60", 1) else { throw failure("OBJ_txt2obj") }
        defer { ASN1_OBJECT_free(oid) }
        let index = X509_CRL_get_ext_by_OBJ(list, oid, -1)
        guard index >= 0, let value = X509_EXTENSION_get_data(X509_CRL_get_ext(list, index)) else { return nil }
        let bytes = octets(value)
        let time = bytes.withUnsafeBufferPointer { buffer in
            var cursor = buffer.baseAddress
            return d2i_ASN1_GENERALIZEDTIME(nil, &cursor, buffer.count)
        }
        guard let time else {
            ERR_clear_error()
            return nil
        }
        defer { ASN1_STRING_free(time) }
        return try instant(time)
    }
}

/// Owner of one X509_CRL.
///
/// Safe to share: the list is not changed after `init`; the one thing OpenSSL does lazily, sorting the entries when one
/// is looked up, it does under the list's own lock (crypto/x509/x_crl.c).
private final class RevocationListHandle: @unchecked Sendable {
    let pointer: OpaquePointer

    init(der: [UInt8]) throws(CryptographyError) {
        guard let (parsed, consumed) = decodeDER(der, d2i_X509_CRL) else {
            ERR_clear_error()
            throw .unreadableRevocationData("the bytes are no revocation list")
        }
        pointer = parsed
        // From here on deinit frees it, also when this throws.
        guard consumed == der.count else { throw .unreadableRevocationData("bytes follow the revocation list") }
    }

    deinit { X509_CRL_free(pointer) }
}
