// SPDX-License-Identifier: Apache-2.0
import COpenSSL

/// The attributes of an X.500 name that Paraph reads and writes.
package struct DistinguishedName: Sendable, Hashable {
    /// CN (2.5.4.3).
    package var commonName: String?
    /// O (2.5.4.10).
    package var organization: String?
    /// OU (2.5.4.11).
    package var organizationalUnit: String?
    /// C (2.5.4.6), two letters of ISO 3166.
    package var country: String?

    /// A name of the given attributes; absent ones are left out of the encoding.
    package init(
        commonName: String?, organization: String? = nil, organizationalUnit: String? = nil, country: String? = nil
    ) {
        self.commonName = commonName
        self.organization = organization
        self.organizationalUnit = organizationalUnit
        self.country = country
    }

    /// Takes the first value of each attribute.
    init(reading name: OpaquePointer?) {
        commonName = Self.text(in: name, NID_commonName)
        organization = Self.text(in: name, NID_organizationName)
        organizationalUnit = Self.text(in: name, NID_organizationalUnitName)
        country = Self.text(in: name, NID_countryName)
    }

    /// Appends the attributes, largest scope first.
    func write(to name: OpaquePointer?) throws(CryptographyError) {
        let attributes = [
            (NID_countryName, country), (NID_organizationName, organization),
            (NID_organizationalUnitName, organizationalUnit), (NID_commonName, commonName),
        ]
        for case (let nid, let text?) in attributes {
            let bytes = Array(text.utf8)
            let status = X509_NAME_add_entry_by_NID(name, nid, MBSTRING_UTF8, bytes, Int32(bytes.count), -1, 0)
            guard status == 1 else {
                ERR_clear_error()
                throw .invalidArgument("a name in a certificate is too long or empty: at most 64 characters, country 2")
            }
        }
    }

    private static func text(in name: OpaquePointer?, _ nid: Int32) -> String? {
        let index = X509_NAME_get_index_by_NID(name, nid, -1)
        guard index >= 0, let value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, index)) else { return nil }
        var text: UnsafeMutablePointer<UInt8>?
        let length = ASN1_STRING_to_UTF8(&text, value)
        guard length >= 0, let text else {
            ERR_clear_error()
            return nil
        }
        defer { CRYPTO_free(text, nil, 0) }
        return String(decoding: UnsafeBufferPointer(start: text, count: Int(length)), as: UTF8.self)
    }
}
