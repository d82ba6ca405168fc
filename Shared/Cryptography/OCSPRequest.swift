// SPDX-License-Identifier: Apache-2.0
import COpenSSL

/// An OCSPRequest for one certificate (RFC 6960, 4.1), by the SHA-1 CertID that every responder knows (RFC 5019, 2.1.1).
package struct OCSPRequest: Sendable, Hashable {
    /// The encoding that goes to the responder.
    package let der: [UInt8]

    /// Asks for the status of a certificate.
    /// - Parameter nonce: Adds 16 random bytes, against replayed answers; many responders ignore them.
    /// - Throws: `CryptographyError` when a certificate cannot be used.
    package init(certificate: Certificate, issuer: Certificate, nonce: Bool) throws(CryptographyError) {
        let subject = try CertificateHandle(der: certificate.der)
        let authority = try CertificateHandle(der: issuer.der)
        let request = try check(OCSP_REQUEST_new(), "OCSP_REQUEST_new")
        defer { OCSP_REQUEST_free(request) }
        // The request takes the identifier over.
        let identifier = try check(
            OCSP_cert_to_id(EVP_sha1(), subject.pointer, authority.pointer), "OCSP_cert_to_id")
        guard OCSP_request_add0_id(request, identifier) != nil else {
            OCSP_CERTID_free(identifier)
            throw failure("OCSP_request_add0_id")
        }
        if nonce { try check(OCSP_request_add1_nonce(request, nil, -1), "OCSP_request_add1_nonce") }
        der = try encodeDER("i2d_OCSP_REQUEST") { i2d_OCSP_REQUEST(request, $0) }
    }
}
