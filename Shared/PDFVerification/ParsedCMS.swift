// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Cryptography

/// A SignedData with one signer, taken apart for checking (RFC 5652, 5).
struct ParsedCMS {
    /// The signed attributes as they were signed: nil when there are none, and the content itself was signed.
    let attributes: [UInt8]?
    let signedAttributes: CMSAttributes
    let unsignedAttributes: CMSAttributes
    /// What is signed when it stands inside: nil in a detached signature.
    let content: [UInt8]?
    let contentType: String
    let digestAlgorithm: DigestAlgorithm
    let algorithm: SignatureAlgorithm
    /// The signature value, which a signature timestamp is made over.
    let signature: [UInt8]
    /// The certificates it carries; unreadable ones are left out.
    let certificates: [Certificate]
    /// The revocation data it carries, in all the places that there are for them.
    let revocationData: CarriedRevocationData
    /// True for distinguished encoding throughout and nothing but zeros behind it.
    let isCleanDER: Bool
    private let signerIdentifier: (tag: UInt8, content: [UInt8])

    /// Reads the value of `/Contents`; zeros behind the signature are padding.
    init(_ bytes: [UInt8]) throws(CMSFault) {
        guard let converted = BasicEncoding.definite(bytes) else { throw .unreadable }
        isCleanDER = converted.isDefinite && bytes[converted.consumed...].allSatisfy { $0 == 0 }
        let reader = DERReader(converted.bytes)
        guard let root = reader.root, let info = reader.children(of: root), info.count == 2,
            reader.identifier(info[0]) == CMSIdentifier.signedData, info[1].tag == 0xA0,
            let signedData = reader.children(of: info[1])?.first, let parts = reader.children(of: signedData),
            parts.count >= 4, parts[1].tag == 0x31, let encapsulated = reader.children(of: parts[2]),
            let type = encapsulated.first.flatMap(reader.identifier), encapsulated.count <= 2,
            let last = parts.last, last.tag == 0x31, let signers = reader.children(of: last)
        else { throw .unreadable }
        contentType = type
        content = try Self.content(encapsulated.count == 2 ? encapsulated[1] : nil, reader)
        guard signers.count == 1 else { throw .severalSigners }
        guard let fields = reader.children(of: signers[0]), fields.count >= 5 else { throw .unreadable }
        var next = 3
        if fields[3].tag == 0xA0 {
            var signed = reader.whole(fields[3])
            signed[0] = 0x31
            attributes = signed
            signedAttributes = try CMSAttributes(fields[3], reader)
            next = 4
        } else {
            attributes = nil
            signedAttributes = CMSAttributes()
        }
        guard fields.count > next + 1, fields[next].tag == 0x30, fields[next + 1].tag == 0x04 else { throw .unreadable }
        signature = reader.content(fields[next + 1])
        unsignedAttributes =
            fields.count > next + 2 && fields[next + 2].tag == 0xA1
            ? try CMSAttributes(fields[next + 2], reader) : CMSAttributes()
        signerIdentifier = (fields[1].tag, reader.content(fields[1]))
        let carried = parts.first { $0.tag == 0xA0 }.flatMap(reader.children(of:)) ?? []
        certificates = carried.compactMap { $0.tag == 0x30 ? try? Certificate(der: reader.whole($0)) : nil }
        let lists = parts.dropLast().first { $0.tag == 0xA1 }.flatMap(reader.children(of:)) ?? []
        revocationData = CarriedRevocationData(
            lists: lists, reader, signed: signedAttributes, unsigned: unsignedAttributes)
        guard let oid = reader.children(of: fields[2])?.first,
            let digest = DigestAlgorithm(objectIdentifierDER: reader.whole(oid)),
            let algorithm = SignatureAlgorithm(algorithmIdentifierDER: reader.whole(fields[next]), digest: digest)
        else { throw .algorithm }
        digestAlgorithm = digest
        self.algorithm = algorithm
    }

    /// The timestamps over the signature value (EN 319 122-1, 5.3); nil for one that cannot be read.
    var signatureTimestamps: [TimestampToken?] {
        unsignedAttributes.values(CMSIdentifier.signatureTimestamp).prefix(64).map { try? TimestampToken(der: $0) }
    }

    /// The certificate that the signer's identifier names (RFC 5652, 5.3), here or elsewhere in the document.
    func signer(among others: [Certificate] = []) -> Certificate? {
        (certificates + others).first { certificate in
            switch signerIdentifier.tag {
            case 0x30: signerIdentifier.content == certificate.issuerDER + certificate.serialDER
            case 0x80: signerIdentifier.content == certificate.subjectKeyIdentifier
            default: false
            }
        }
    }

    /// Checks attributes and value of a detached signature against the digest of the byte range.
    func verify(contentDigest: [UInt8], by certificate: Certificate) throws(CMSFault) {
        guard content == nil else { throw .notDetached }
        try verify(digest: contentDigest, by: certificate)
    }

    /// Checks a signature whose content is the SHA-1 of the byte range, `adbe.pkcs7.sha1` (ISO 32000-1, 12.8.3.3).
    func verify(containedSHA1 digest: [UInt8], by certificate: Certificate) throws(CMSFault) {
        guard let content else { throw .wrongContent }
        guard content == digest else { throw .digest }
        try verify(digest: digestAlgorithm.digest(of: content), by: certificate)
    }

    private func verify(digest: [UInt8], by certificate: Certificate) throws(CMSFault) {
        guard algorithm.digest == digestAlgorithm else { throw .algorithmMismatch }
        let isValid: Bool
        if let attributes {
            guard let type = signedAttributes.single(CMSIdentifier.contentType),
                let element = DERReader(type).root, DERReader(type).identifier(element) == contentType,
                let named = signedAttributes.single(CMSIdentifier.messageDigest)
            else { throw .attributes }
            guard named == DER.octetString(digest) else { throw .digest }
            isValid = certificate.publicKey.isValid(signature: signature, message: attributes, algorithm: algorithm)
        } else {
            isValid = certificate.publicKey.isValid(signature: signature, digest: digest, algorithm: algorithm)
        }
        guard isValid else { throw .value }
    }

    private static func content(_ wrapper: DERElement?, _ reader: DERReader) throws(CMSFault) -> [UInt8]? {
        guard let wrapper else { return nil }
        guard wrapper.tag == 0xA0, let string = reader.children(of: wrapper)?.first else { throw .unreadable }
        return reader.content(string)
    }
}
