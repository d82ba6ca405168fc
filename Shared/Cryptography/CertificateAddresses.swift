// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import COpenSSL

/// Where a certificate's status and issuer are found (RFC 5280, 4.2.1.13 and 4.2.2.1); text from outside, not checked.
package struct CertificateAddresses: Sendable, Hashable {
    /// OCSP responders, in the certificate's order.
    package var ocsp: [String]
    /// The issuer's certificate.
    package var issuers: [String]
    /// Revocation lists, in the certificate's order.
    package var revocationLists: [String]

    /// Addresses to be certified: URLs without commas, at which OpenSSL's configuration text would be split.
    package init(ocsp: [String] = [], issuers: [String] = [], revocationLists: [String] = []) {
        self.ocsp = ocsp
        self.issuers = issuers
        self.revocationLists = revocationLists
    }

    init(reading certificate: OpaquePointer) {
        self.init()
        let access = DERReader(Self.value(of: NID_info_access, in: certificate))
        for description in access.root.flatMap(access.children(of:)) ?? [] {
            guard let parts = access.children(of: description), parts.count == 2, parts[1].tag == Self.uri else {
                continue
            }
            let text = String(decoding: access.content(parts[1]), as: UTF8.self)
            switch access.content(parts[0]) {
            case [0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01]: ocsp.append(text)
            case [0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x02]: issuers.append(text)
            default: continue
            }
        }
        let points = DERReader(Self.value(of: NID_crl_distribution_points, in: certificate))
        for point in points.root.flatMap(points.children(of:)) ?? [] {
            // DistributionPoint → [0] DistributionPointName → [0] fullName → GeneralNames.
            guard let name = points.children(of: point)?.first, name.tag == 0xA0,
                let full = points.children(of: name)?.first, full.tag == 0xA0
            else { continue }
            for general in points.children(of: full) ?? [] where general.tag == Self.uri {
                revocationLists.append(String(decoding: points.content(general), as: UTF8.self))
            }
        }
    }

    /// GeneralName's uniformResourceIdentifier.
    private static let uri: UInt8 = 0x86

    private static func value(of nid: Int32, in certificate: OpaquePointer) -> [UInt8] {
        let index = X509_get_ext_by_NID(certificate, nid, -1)
        guard index >= 0 else { return [] }
        return octets(X509_EXTENSION_get_data(X509_get_ext(certificate, index)))
    }

    /// The extensions, as OpenSSL's configuration text.
    var extensions: [(nid: Int32, value: String)] {
        let access = ocsp.map { "OCSP;URI:\($0)" } + issuers.map { "caIssuers;URI:\($0)" }
        let lists = revocationLists.map { "URI:\($0)" }
        return (lists.isEmpty ? [] : [(NID_crl_distribution_points, lists.joined(separator: ","))])
            + (access.isEmpty ? [] : [(NID_info_access, access.joined(separator: ","))])
    }
}
