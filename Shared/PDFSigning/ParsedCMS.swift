// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Cryptography

/// Why a CMS signature does not stand.
enum CMSFault: String, Error {
    case unreadable = "The signature is not DER SignedData."
    case notDetached = "The signature carries content of its own."
    case severalSigners = "The signature has not exactly one signer."
    case algorithm = "The signature uses an algorithm that is not read here."
    case noCertificate = "The signature does not carry its signer's certificate."
    case attributes = "The signed attributes are missing, repeated or wrong."
    case digest = "The signed bytes were changed."
    case value = "The signature value does not belong to the signed attributes and the certificate."
}

/// A detached SignedData with one signer, taken apart for checking (RFC 5652, 5).
struct ParsedCMS {
    /// The signed attributes as they were signed: nil when there are none, and the content itself was signed.
    private let attributes: [UInt8]?
    private let attributeValues: [(oid: [UInt8], values: [[UInt8]])]
    private let algorithm: SignatureAlgorithm
    private let signature: [UInt8]
    /// The signer's certificate.
    let certificate: Certificate
    let digestAlgorithm: DigestAlgorithm

    init(_ bytes: [UInt8]) throws(CMSFault) {
        let reader = DERReader(bytes)
        guard let root = reader.root, let info = reader.children(of: root), info.count == 2,
            reader.whole(info[0]) == ObjectIdentifier.signedData, info[1].tag == 0xA0,
            let signedData = reader.children(of: info[1])?.first, let parts = reader.children(of: signedData),
            parts.count >= 4, let encapsulated = reader.children(of: parts[2])
        else { throw .unreadable }
        guard encapsulated.count == 1 else { throw .notDetached }
        guard let last = parts.last, last.tag == 0x31, let signers = reader.children(of: last) else {
            throw .unreadable
        }
        guard signers.count == 1 else { throw .severalSigners }
        guard let fields = reader.children(of: signers[0]), fields.count >= 5 else { throw .unreadable }
        var next = 3
        if fields[3].tag == 0xA0 {
            var signed = reader.whole(fields[3])
            signed[0] = 0x31
            attributes = signed
            attributeValues = try Self.attributes(fields[3], reader)
            next = 4
        } else {
            attributes = nil
            attributeValues = []
        }
        guard fields.count > next + 1, fields[next].tag == 0x30, fields[next + 1].tag == 0x04 else { throw .unreadable }
        digestAlgorithm = try Self.digestAlgorithm(fields[2], reader)
        algorithm = try Self.algorithm(fields[next], digestAlgorithm, reader)
        signature = reader.content(fields[next + 1])
        let certificates = parts.first { $0.tag == 0xA0 }.flatMap(reader.children(of:)) ?? []
        certificate = try Self.certificate(of: fields[1], among: certificates, reader)
    }

    /// Checks attributes and value against the digest of the byte range.
    func verify(contentDigest: [UInt8]) throws(CMSFault) {
        var digest = contentDigest
        if let attributes {
            guard try value(of: ObjectIdentifier.contentType) == ObjectIdentifier.data else { throw .attributes }
            guard try value(of: ObjectIdentifier.messageDigest) == DER.octetString(contentDigest) else { throw .digest }
            digest = algorithm.digest.digest(of: attributes)
        }
        guard certificate.publicKey.isValid(signature: signature, digest: digest, algorithm: algorithm) else {
            throw .value
        }
    }

    /// True when the signed attributes are those of PAdES baseline and name this certificate (EN 319 142-1, 6.3).
    var hasBaselineAttributes: Bool {
        guard attributes != nil, !attributeValues.contains(where: { $0.oid == ObjectIdentifier.signingTime }),
            let names = try? value(of: ObjectIdentifier.signingCertificateV2)
        else { return false }
        let reader = DERReader(names)
        // SigningCertificateV2 → certs → ESSCertIDv2, whose first element is the hash unless another algorithm is named.
        guard let root = reader.root, let list = reader.children(of: root)?.first,
            let identifier = reader.children(of: list)?.first, let parts = reader.children(of: identifier)
        else { return false }
        guard let hash = parts.first(where: { $0.tag == 0x04 }) else { return false }
        let named = parts.first.flatMap { $0.tag == 0x30 ? try? Self.digestAlgorithm($0, reader) : nil }
        return reader.content(hash) == (named ?? .sha256).digest(of: certificate.der)
    }

    private func value(of oid: [UInt8]) throws(CMSFault) -> [UInt8] {
        let found = attributeValues.filter { $0.oid == oid }
        guard found.count == 1, found[0].values.count == 1 else { throw .attributes }
        return found[0].values[0]
    }

    // MARK: Parts

    private static func attributes(
        _ set: DERElement, _ reader: DERReader
    ) throws(CMSFault) -> [(oid: [UInt8], values: [[UInt8]])] {
        var result: [(oid: [UInt8], values: [[UInt8]])] = []
        for attribute in reader.children(of: set) ?? [] {
            guard let parts = reader.children(of: attribute), parts.count == 2,
                let values = reader.children(of: parts[1])
            else { throw .unreadable }
            result.append((reader.whole(parts[0]), values.map(reader.whole)))
        }
        return result
    }

    private static func digestAlgorithm(_ element: DERElement, _ reader: DERReader) throws(CMSFault) -> DigestAlgorithm
    {
        guard let oid = reader.children(of: element)?.first.map(reader.whole) else { throw .unreadable }
        let known = DigestAlgorithm.allCases.first { Array($0.algorithmIdentifierDER.dropFirst(2)) == oid }
        guard let known else { throw .algorithm }
        return known
    }

    private static func algorithm(
        _ element: DERElement, _ digest: DigestAlgorithm, _ reader: DERReader
    ) throws(CMSFault) -> SignatureAlgorithm {
        let whole = reader.whole(element)
        guard let oid = reader.children(of: element)?.first.map(reader.whole) else { throw .unreadable }
        if oid == ObjectIdentifier.rsaEncryption { return SignatureAlgorithm(scheme: .rsaPKCS1, digest: digest) }
        for digest in DigestAlgorithm.allCases {
            for scheme in [SignatureAlgorithm.Scheme.rsaPKCS1, .ecdsa] {
                let candidate = SignatureAlgorithm(scheme: scheme, digest: digest)
                if candidate.algorithmIdentifierDER.dropFirst(2).starts(with: oid) { return candidate }
            }
            let pss = SignatureAlgorithm(scheme: .rsaPSS, digest: digest)
            if pss.algorithmIdentifierDER == whole { return pss }
        }
        throw .algorithm
    }

    private static func certificate(
        of identifier: DERElement, among elements: [DERElement], _ reader: DERReader
    ) throws(CMSFault) -> Certificate {
        for element in elements where element.tag == 0x30 {
            guard let certificate = try? Certificate(der: reader.whole(element)) else { continue }
            switch identifier.tag {
            case 0x30:
                if reader.content(identifier) == certificate.issuerDER + certificate.serialDER { return certificate }
            case 0x80:
                if reader.content(identifier) == certificate.subjectKeyIdentifier { return certificate }
            default: throw .unreadable
            }
        }
        throw .noCertificate
    }
}
