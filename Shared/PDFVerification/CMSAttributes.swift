// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Cryptography

/// The signed or the unsigned attributes of a SignerInfo (RFC 5652, 5.3).
struct CMSAttributes {
    private let all: [(type: String, values: [[UInt8]])]

    /// None.
    init() { all = [] }

    init(_ set: DERElement, _ reader: DERReader) throws(CMSFault) {
        var all: [(type: String, values: [[UInt8]])] = []
        guard let elements = reader.children(of: set) else { throw .unreadable }
        for element in elements {
            guard let parts = reader.children(of: element), parts.count == 2, let type = reader.identifier(parts[0]),
                parts[1].tag == 0x31, let values = reader.children(of: parts[1])
            else { throw .unreadable }
            all.append((type, values.map(reader.whole)))
        }
        self.all = all
    }

    /// Every value of an attribute, as whole elements.
    func values(_ type: String) -> [[UInt8]] {
        all.filter { $0.type == type }.flatMap(\.values)
    }

    /// The value of an attribute that is there once with one value.
    func single(_ type: String) -> [UInt8]? {
        let values = values(type)
        return values.count == 1 && all.count { $0.type == type } == 1 ? values[0] : nil
    }

    /// Whether the attribute is there at all.
    func has(_ type: String) -> Bool { all.contains { $0.type == type } }

    /// Whether signing-certificate or signing-certificate-v2 names the certificate; nil when there is neither.
    ///
    /// The first entry counts (RFC 5035, 5.4.1.1). Two such attributes, or one that is malformed, name nothing.
    func names(_ certificate: Certificate) -> Bool? {
        guard has(CMSIdentifier.signingCertificate) || has(CMSIdentifier.signingCertificateV2) else { return nil }
        for (type, standard) in [
            (CMSIdentifier.signingCertificateV2, DigestAlgorithm.sha256), (CMSIdentifier.signingCertificate, .sha1),
        ] where has(type) {
            guard let value = single(type), Self.isNamed(certificate, in: value, standard: standard) else {
                return false
            }
        }
        return true
    }

    private static func isNamed(_ certificate: Certificate, in value: [UInt8], standard: DigestAlgorithm) -> Bool {
        let reader = DERReader(value)
        // SigningCertificate(V2) → certs → ESSCertID(v2): optional algorithm, hash, optional issuer and serial.
        guard let root = reader.root, let list = reader.children(of: root)?.first,
            let identifier = reader.children(of: list)?.first, let parts = reader.children(of: identifier),
            let hash = parts.first(where: { $0.tag == 0x04 })
        else { return false }
        var digest = standard
        if parts[0].tag == 0x30 {
            guard let oid = reader.children(of: parts[0])?.first,
                let named = DigestAlgorithm(objectIdentifierDER: reader.whole(oid))
            else { return false }
            digest = named
        }
        return reader.content(hash) == digest.digest(of: certificate.der)
    }
}
