// SPDX-License-Identifier: Apache-2.0
import ByteCoding

extension DERReader {
    /// The dotted text of an OBJECT IDENTIFIER; nil for anything else, or numbers beyond 56 bits.
    func identifier(_ element: DERElement) -> String? {
        guard element.tag == 0x06, !element.content.isEmpty else { return nil }
        var numbers: [UInt64] = []
        var number: UInt64 = 0
        for byte in bytes[element.content] {
            guard number < 1 << 49 else { return nil }
            number = number << 7 | UInt64(byte & 0x7F)
            guard byte & 0x80 == 0 else { continue }
            if numbers.isEmpty {
                let root = min(number / 40, 2)
                numbers = [root, number - root * 40]
            } else {
                numbers.append(number)
            }
            number = 0
        }
        guard let last = bytes[element.content].last, last & 0x80 == 0 else { return nil }
        return numbers.map(String.init).joined(separator: ".")
    }
}

/// The object identifiers that a signature's parts are told apart by.
enum CMSIdentifier {
    /// id-data (RFC 5652, 4).
    static let data = "1.2.840.113549.1.7.1"
    /// id-signedData (RFC 5652, 5.1).
    static let signedData = "1.2.840.113549.1.7.2"
    /// id-contentType (RFC 5652, 11.1).
    static let contentType = "1.2.840.113549.1.9.3"
    /// id-messageDigest (RFC 5652, 11.2).
    static let messageDigest = "1.2.840.113549.1.9.4"
    /// id-signingTime (RFC 5652, 11.3).
    static let signingTime = "1.2.840.113549.1.9.5"
    /// id-aa-signingCertificate (RFC 5035, 5).
    static let signingCertificate = "1.2.840.113549.1.9.16.2.12"
    /// id-aa-signingCertificateV2 (RFC 5035, 3).
    static let signingCertificateV2 = "1.2.840.113549.1.9.16.2.47"
    /// id-aa-timeStampToken (RFC 3161, appendix A).
    static let signatureTimestamp = "1.2.840.113549.1.9.16.2.14"
    /// id-aa-ets-certValues (EN 319 122-1, A.1.1.1).
    static let certificateValues = "1.2.840.113549.1.9.16.2.23"
    /// id-aa-ets-revocationValues (EN 319 122-1, A.1.2.1).
    static let revocationValues = "1.2.840.113549.1.9.16.2.24"
    /// Adobe's revocation data (ISO 32000-2, 12.8.3.3.2).
    static let revocationArchival = "1.2.840.113583.1.1.8"
    /// id-ri-ocsp-response (RFC 5940, 2.1).
    static let ocspInRevocations = "1.3.6.1.5.5.7.16.2"
}
