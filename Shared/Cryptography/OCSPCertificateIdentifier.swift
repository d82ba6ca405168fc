// SPDX-License-Identifier: Apache-2.0
import COpenSSL

/// CertID: how an OCSP entry names a certificate (RFC 6960, 4.1.1).
package struct OCSPCertificateIdentifier: Sendable, Hashable {
    /// What the two hashes are made with; nil for algorithms not known here, which then match nothing.
    package let digest: DigestAlgorithm?
    /// The hash of the issuer's DER Name.
    package let issuerNameHash: [UInt8]
    /// The hash of the bits of the issuer's public key.
    package let issuerKeyHash: [UInt8]
    /// The serial number as a whole DER INTEGER.
    package let serialDER: [UInt8]

    init(_ identifier: OpaquePointer?) throws(CryptographyError) {
        var name: UnsafeMutablePointer<ASN1_OCTET_STRING>?
        var key: UnsafeMutablePointer<ASN1_OCTET_STRING>?
        var algorithm: OpaquePointer?
        var serial: UnsafeMutablePointer<ASN1_INTEGER>?
        guard OCSP_id_get0_info(&name, &algorithm, &key, &serial, identifier) == 1 else {
            throw failure("OCSP_id_get0_info")
        }
        digest = DigestAlgorithm(
            objectIdentifierDER: try encodeDER("i2d_ASN1_OBJECT") { i2d_ASN1_OBJECT(algorithm, $0) })
        issuerNameHash = octets(name)
        issuerKeyHash = octets(key)
        serialDER = try encodeDER("i2d_ASN1_INTEGER") { i2d_ASN1_INTEGER(serial, $0) }
    }

    /// True when it is that certificate of that issuer.
    package func names(_ certificate: Certificate, issuer: Certificate) -> Bool {
        guard let digest, serialDER == certificate.serialDER, certificate.issuerDER == issuer.subjectDER else {
            return false
        }
        return issuerNameHash == digest.digest(of: issuer.subjectDER)
            && issuerKeyHash == digest.digest(of: issuer.publicKey.keyBits)
    }
}
