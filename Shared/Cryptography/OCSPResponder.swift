// SPDX-License-Identifier: Apache-2.0
package import Clocks
import COpenSSL

/// A certificate that is no longer to be relied on.
package struct RevokedCertificate: Sendable, Hashable {
    /// The serial number as a whole DER INTEGER.
    package let serialDER: [UInt8]
    /// Since when it is revoked.
    package let time: Instant
    /// Why.
    package let reason: RevocationReason

    /// Describes one entry of a revocation list.
    package init(serialDER: [UInt8], time: Instant, reason: RevocationReason) {
        self.serialDER = serialDER
        self.time = time
        self.reason = reason
    }
}

/// The answering side of RFC 6960 for one issuer, for a development authority and for tests.
package struct OCSPResponder: Sendable {
    private let key: PrivateKey
    private let certificate: Certificate
    private let issuer: Certificate
    private let clock: BusinessClock
    private let validitySeconds: Double

    /// Answers with a key that the issuer has certified for it, or with the issuer's own.
    /// - Throws: `CryptographyError.invalidArgument` for another key than the certificate's.
    package init(
        key: PrivateKey, certificate: Certificate, issuer: Certificate, clock: BusinessClock,
        validitySeconds: Double
    ) throws(CryptographyError) {
        guard try key.publicKey() == certificate.publicKey else {
            throw .invalidArgument("the key does not belong to the certificate")
        }
        self.key = key
        self.certificate = certificate
        self.issuer = issuer
        self.clock = clock
        self.validitySeconds = validitySeconds
    }

    /// The OCSPResponse for an OCSPRequest; certificates of other issuers are called unknown.
    package func response(to request: [UInt8], revoked: [RevokedCertificate]) throws(CryptographyError) -> [UInt8] {
        defer { ERR_clear_error() }
        let parsed = decodeDER(request, d2i_OCSP_REQUEST)?.pointer
        guard let parsed else { return try whole(status: OCSP_RESPONSE_STATUS_MALFORMEDREQUEST, nil) }
        defer { OCSP_REQUEST_free(parsed) }
        let basic = try check(OCSP_BASICRESP_new(), "OCSP_BASICRESP_new")
        defer { OCSP_BASICRESP_free(basic) }
        for index in 0..<OCSP_request_onereq_count(parsed) {
            // Borrowed from the request.
            try add(OCSP_onereq_get0_id(OCSP_request_onereq_get0(parsed, index)), to: basic, revoked: revoked)
        }
        // 2 says that the request had no nonce.
        guard OCSP_copy_nonce(basic, parsed) > 0 else { throw failure("OCSP_copy_nonce") }
        let own = try CertificateHandle(der: certificate.der)
        let digest = key.kind.defaultSignatureAlgorithm?.digest.handle
        try key.withHandle { handle throws(CryptographyError) in
            try check(OCSP_basic_sign(basic, own.pointer, handle, digest, nil, 0), "OCSP_basic_sign")
        }
        return try whole(status: OCSP_RESPONSE_STATUS_SUCCESSFUL, basic)
    }

    private func add(
        _ identifier: OpaquePointer?, to basic: OpaquePointer, revoked: [RevokedCertificate]
    ) throws(CryptographyError) {
        var serial: UnsafeMutablePointer<ASN1_INTEGER>?
        var algorithm: OpaquePointer?
        try check(OCSP_id_get0_info(nil, &algorithm, nil, &serial, identifier), "OCSP_id_get0_info")
        let serialDER = try encodeDER("i2d_ASN1_INTEGER") { i2d_ASN1_INTEGER(serial, $0) }
        let authority = try CertificateHandle(der: issuer.der)
        let expected = EVP_get_digestbyname(OBJ_nid2sn(OBJ_obj2nid(algorithm))).flatMap {
            OCSP_cert_id_new(
                $0, X509_get_subject_name(authority.pointer), X509_get0_pubkey_bitstr(authority.pointer), serial)
        }
        defer { OCSP_CERTID_free(expected) }
        let isOurs = expected != nil && OCSP_id_issuer_cmp(expected, identifier) == 0
        let entry = revoked.first { $0.serialDER == serialDER }
        let now = clock.now()
        let thisUpdate = ASN1_TIME_set(nil, time_t(now.wholeSeconds))
        let nextUpdate = ASN1_TIME_set(nil, time_t(now.advanced(bySeconds: validitySeconds).wholeSeconds))
        let revocation = entry.flatMap { ASN1_TIME_set(nil, time_t($0.time.wholeSeconds)) }
        defer { for time in [thisUpdate, nextUpdate, revocation] { ASN1_STRING_free(time) } }
        let status =
            !isOurs
            ? V_OCSP_CERTSTATUS_UNKNOWN : entry == nil ? V_OCSP_CERTSTATUS_GOOD : V_OCSP_CERTSTATUS_REVOKED
        _ = try check(
            OCSP_basic_add1_status(
                basic, identifier, status, Int32(entry?.reason.rawValue ?? 0), revocation, thisUpdate, nextUpdate),
            "OCSP_basic_add1_status")
    }

    private func whole(status: Int32, _ basic: OpaquePointer?) throws(CryptographyError) -> [UInt8] {
        let response = try check(OCSP_response_create(status, basic), "OCSP_response_create")
        defer { OCSP_RESPONSE_free(response) }
        return try encodeDER("i2d_OCSP_RESPONSE") { i2d_OCSP_RESPONSE(response, $0) }
    }
}
