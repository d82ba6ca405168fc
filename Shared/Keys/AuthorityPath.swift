// SPDX-License-Identifier: Apache-2.0
import Cryptography

/// The paths under a development authority's address, as its certificates name them.
package enum AuthorityPath {
    /// RFC 3161 requests, by POST.
    package static let timestamp = "/timestamp"
    /// OCSP requests for end-entity certificates, by POST; by GET with the request in Base64 as one more segment.
    package static let ocsp = "/ocsp"
    /// The root's revocation list.
    package static let rootList = "/root.crl"
    /// The issuing authority's revocation list.
    package static let issuingList = "/issuing.crl"
    /// The root as DER.
    package static let rootCertificate = "/root.cer"
    /// The issuing authority as DER.
    package static let issuingCertificate = "/issuing.cer"

    static func addressesOfIssuing(at address: String) -> CertificateAddresses {
        CertificateAddresses(issuers: [address + rootCertificate], revocationLists: [address + rootList])
    }

    static func addressesOfLeaf(at address: String) -> CertificateAddresses {
        CertificateAddresses(
            ocsp: [address + ocsp], issuers: [address + issuingCertificate], revocationLists: [address + issuingList])
    }
}
