// SPDX-License-Identifier: Apache-2.0
import ByteCoding

extension SignatureAlgorithm {
    /// Reads an AlgorithmIdentifier of a SignerInfo, a certificate or revocation data.
    /// - Parameter digest: The digest that goes with identifiers that name none, like rsaEncryption in a SignerInfo
    ///   (RFC 3370, 3.2); nil where none is known.
    /// - Returns: Nil for algorithms that are not known, and for RSASSA-PSS parameters that are malformed.
    package init?(algorithmIdentifierDER der: [UInt8], digest: DigestAlgorithm? = nil) {
        let reader = DERReader(der)
        guard let root = reader.root, root.tag == 0x30, let parts = reader.children(of: root), let first = parts.first,
            first.tag == 0x06
        else { return nil }
        let oid = reader.content(first)
        if oid == Self.pssOID {
            self.init(pssParameters: parts.count > 1 ? parts[1] : nil, reader)
            return
        }
        guard let known = Self.known.first(where: { $0.oid == oid }), let digest = known.digest ?? digest else {
            return nil
        }
        self.init(scheme: known.scheme, digest: digest)
    }

    /// RSASSA-PSS-params (RFC 4055, 3.1); what is absent is SHA-1 and 20 bytes.
    private init?(pssParameters: DERElement?, _ reader: DERReader) {
        var digest = DigestAlgorithm.sha1
        var mask = DigestAlgorithm.sha1
        var salt = 20
        for field in pssParameters.flatMap(reader.children(of:)) ?? [] {
            guard let value = reader.children(of: field)?.first else { return nil }
            switch field.tag {
            case 0xA0:
                guard let read = Self.digest(value, reader) else { return nil }
                digest = read
            case 0xA1:
                guard let parts = reader.children(of: value), parts.count == 2,
                    reader.content(parts[0]) == Self.mgf1OID,
                    let read = Self.digest(parts[1], reader)
                else { return nil }
                mask = read
            case 0xA2:
                let bytes = reader.content(value)
                guard value.tag == 0x02, (1...2).contains(bytes.count), bytes[0] < 0x80 else { return nil }
                salt = bytes.reduce(0) { $0 << 8 | Int($1) }
            case 0xA3:
                guard reader.content(value) == [1] else { return nil }
            default: return nil
            }
        }
        self.init(scheme: .rsaPSS, digest: digest, maskDigest: mask, saltByteCount: salt)
    }

    private static func digest(_ identifier: DERElement, _ reader: DERReader) -> DigestAlgorithm? {
        reader.children(of: identifier)?.first.flatMap { DigestAlgorithm(objectIdentifierDER: reader.whole($0)) }
    }

    private static let pkcs1: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01]
    private static let x962: [UInt8] = [0x2A, 0x86, 0x48, 0xCE, 0x3D]
    private static let x957: [UInt8] = [0x2A, 0x86, 0x48, 0xCE, 0x38, 0x04]
    private static let nist: [UInt8] = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03]
    private static let pssOID = pkcs1 + [10]
    private static let mgf1OID = pkcs1 + [8]

    /// Contents of the identifiers; those without a digest go with the one that is named beside them.
    private static let known: [(oid: [UInt8], scheme: Scheme, digest: DigestAlgorithm?)] = [
        (pkcs1 + [1], .rsaPKCS1, nil), (pkcs1 + [4], .rsaPKCS1, .md5), (pkcs1 + [5], .rsaPKCS1, .sha1),
        (pkcs1 + [11], .rsaPKCS1, .sha256), (pkcs1 + [12], .rsaPKCS1, .sha384), (pkcs1 + [13], .rsaPKCS1, .sha512),
        (pkcs1 + [14], .rsaPKCS1, .sha224), (nist + [14], .rsaPKCS1, .sha3x256), (nist + [15], .rsaPKCS1, .sha3x384),
        (nist + [16], .rsaPKCS1, .sha3x512), ([0x2B, 0x0E, 0x03, 0x02, 0x1D], .rsaPKCS1, .sha1),
        (x962 + [2, 1], .ecdsa, nil), (x962 + [4, 1], .ecdsa, .sha1), (x962 + [4, 3, 1], .ecdsa, .sha224),
        (x962 + [4, 3, 2], .ecdsa, .sha256), (x962 + [4, 3, 3], .ecdsa, .sha384), (x962 + [4, 3, 4], .ecdsa, .sha512),
        (nist + [10], .ecdsa, .sha3x256), (nist + [11], .ecdsa, .sha3x384), (nist + [12], .ecdsa, .sha3x512),
        (x957 + [1], .dsa, nil), (x957 + [3], .dsa, .sha1), (nist + [1], .dsa, .sha224), (nist + [2], .dsa, .sha256),
        ([0x2B, 0x65, 0x70], .ed25519, .sha512),
    ]
}
