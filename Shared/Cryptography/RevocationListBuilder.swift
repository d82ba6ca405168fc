// SPDX-License-Identifier: Apache-2.0
package import Clocks
import COpenSSL

/// Issues complete revocation lists of a development authority (RFC 5280, 5).
package struct RevocationListBuilder: Sendable {
    /// When the list is issued.
    package var thisUpdate: Instant
    /// By when the next one is.
    package var nextUpdate: Instant
    /// Increases from list to list (RFC 5280, 5.2.3).
    package var number: Int64
    /// Every certificate of the issuer that is revoked.
    package var entries: [RevokedCertificate]

    /// A list to be signed.
    package init(thisUpdate: Instant, nextUpdate: Instant, number: Int64, entries: [RevokedCertificate]) {
        self.thisUpdate = thisUpdate
        self.nextUpdate = nextUpdate
        self.number = number
        self.entries = entries
    }

    /// The list as DER.
    /// - Throws: `CryptographyError.invalidArgument` when `key` does not belong to `issuer`.
    package func issued(by issuer: Certificate, key: PrivateKey) throws(CryptographyError) -> [UInt8] {
        guard try key.publicKey() == issuer.publicKey else {
            throw .invalidArgument("the issuer's key does not belong to its certificate")
        }
        let list = try check(X509_CRL_new(), "X509_CRL_new")
        defer { X509_CRL_free(list) }
        let authority = try CertificateHandle(der: issuer.der)
        try check(X509_CRL_set_version(list, Int(X509_CRL_VERSION_2)), "X509_CRL_set_version")
        try check(
            X509_CRL_set_issuer_name(list, X509_get_subject_name(authority.pointer)), "X509_CRL_set_issuer_name")
        let times = [thisUpdate, nextUpdate].map { ASN1_TIME_set(nil, time_t($0.wholeSeconds)) }
        defer { for time in times { ASN1_STRING_free(time) } }
        try check(X509_CRL_set1_lastUpdate(list, times[0]), "X509_CRL_set1_lastUpdate")
        try check(X509_CRL_set1_nextUpdate(list, times[1]), "X509_CRL_set1_nextUpdate")
        for entry in entries { try add(entry, to: list) }
        try check(X509_CRL_sort(list), "X509_CRL_sort")
        let identifier = try check(
            paraph_extension(authority.pointer, authority.pointer, NID_authority_key_identifier, "keyid:always"),
            "X509V3_EXT_conf_nid")
        defer { X509_EXTENSION_free(identifier) }
        try check(X509_CRL_add_ext(list, identifier, -1), "X509_CRL_add_ext")
        let count = try check(ASN1_INTEGER_new(), "ASN1_INTEGER_new")
        defer { ASN1_STRING_free(count) }
        try check(ASN1_INTEGER_set_int64(count, number), "ASN1_INTEGER_set_int64")
        try check(X509_CRL_add1_ext_i2d(list, NID_crl_number, count, 0, 0), "X509_CRL_add1_ext_i2d")
        let digest = key.kind.defaultSignatureAlgorithm?.digest.handle
        try key.withHandle { handle throws(CryptographyError) in
            guard X509_CRL_sign(list, handle, digest) > 0 else { throw failure("X509_CRL_sign") }
        }
        return try encodeDER("i2d_X509_CRL") { i2d_X509_CRL(list, $0) }
    }

    private func add(_ entry: RevokedCertificate, to list: OpaquePointer) throws(CryptographyError) {
        let revoked = try check(X509_REVOKED_new(), "X509_REVOKED_new")
        var isAdopted = false
        defer { if !isAdopted { X509_REVOKED_free(revoked) } }
        let serial = entry.serialDER.withUnsafeBufferPointer { buffer -> UnsafeMutablePointer<ASN1_INTEGER>? in
            var cursor = buffer.baseAddress
            return d2i_ASN1_INTEGER(nil, &cursor, buffer.count)
        }
        let time = ASN1_TIME_set(nil, time_t(entry.time.wholeSeconds))
        let reason = try check(ASN1_ENUMERATED_new(), "ASN1_ENUMERATED_new")
        defer { for value in [serial, time, reason] { ASN1_STRING_free(value) } }
        try check(X509_REVOKED_set_serialNumber(revoked, serial), "X509_REVOKED_set_serialNumber")
        try check(X509_REVOKED_set_revocationDate(revoked, time), "X509_REVOKED_set_revocationDate")
        // Absent means unspecified, which shall not be written (RFC 5280, 5.3.1).
        if entry.reason != .unspecified {
            try check(ASN1_ENUMERATED_set(reason, entry.reason.rawValue), "ASN1_ENUMERATED_set")
            try check(X509_REVOKED_add1_ext_i2d(revoked, NID_crl_reason, reason, 0, 0), "X509_REVOKED_add1_ext_i2d")
        }
        // The list takes the entry over.
        try check(X509_CRL_add0_revoked(list, revoked), "X509_CRL_add0_revoked")
        isAdopted = true
    }
}
