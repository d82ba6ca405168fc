// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import COpenSSL

/// A TimeStampReq (RFC 3161, 2.4.1) that asks for the authority's certificate.
package struct TimestampRequest: Sendable, Hashable {
    /// What the imprint was made with.
    package let algorithm: DigestAlgorithm
    /// The digest of what is to be stamped.
    package let imprint: [UInt8]
    /// The dotted OID of the policy asked for; nil leaves it to the authority.
    package let policy: String?
    /// A positive random DER INTEGER of 64 bits, which the token has to repeat.
    package let nonceDER: [UInt8]
    private let policyDER: [UInt8]

    /// Draws the nonce.
    /// - Throws: `CryptographyError.invalidArgument` for another algorithm than SHA-2, an imprint of another length, or a policy that is no OID.
    package init(
        algorithm: DigestAlgorithm, imprint: [UInt8], policy: String? = nil
    ) throws(CryptographyError) {
        guard algorithm.isAllowedForSigning, imprint.count == algorithm.byteCount else {
            throw .invalidArgument("an imprint is a SHA-256, SHA-384 or SHA-512 digest")
        }
        self.algorithm = algorithm
        self.imprint = imprint
        self.policy = policy
        policyDER = try policy.map { text throws(CryptographyError) in try ObjectIdentifierText.der(text) } ?? []
        var nonce = SecureRandom.bytes(8)
        // Positive and without leading zeros, so that it is DER as it stands.
        nonce[0] = nonce[0] & 0x3F | 0x40
        nonceDER = DER.element(0x02, nonce)
    }

    /// The encoding that goes to the authority.
    package var der: [UInt8] {
        DER.sequence(
            [0x02, 0x01, 0x01], DER.sequence(algorithm.algorithmIdentifierDER, DER.octetString(imprint)), policyDER,
            nonceDER, [0x01, 0x01, 0xFF])
    }
}

/// A TimeStampResp (RFC 3161, 2.4.2), taken apart but not believed.
package struct TimestampResponse: Sendable, Hashable {
    /// PKIStatus: 0 granted, 1 granted with modifications, 2 and above refused.
    package let status: Int
    /// The lowest bit of PKIFailureInfo that is set: 0 bad algorithm, 2 bad request, 5 bad data, 14 no time, 15 no such
    /// policy, 16 no such extension, 17 no additional information, 25 system failure.
    package let failure: Int?
    /// The TimeStampToken, not yet read.
    package let tokenDER: [UInt8]?

    /// True when the response has to hold a token.
    package var isGranted: Bool { status == 0 || status == 1 }

    /// - Throws: `CryptographyError.unreadableTimestamp`.
    package init(der: [UInt8]) throws(CryptographyError) {
        let reader = DERReader(der)
        guard let root = reader.root, root.tag == 0x30, root.whole.upperBound == der.count,
            let parts = reader.children(of: root), (1...2).contains(parts.count), parts[0].tag == 0x30,
            let info = reader.children(of: parts[0]), let number = info.first, number.tag == 0x02,
            number.content.count == 1
        else { throw .unreadableTimestamp }
        status = Int(der[number.content.lowerBound])
        failure = info.first { $0.tag == 0x03 }.flatMap { Self.lowestBit(reader.content($0)) }
        tokenDER = parts.count == 2 ? reader.whole(parts[1]) : nil
    }

    /// Bits of a BIT STRING count from the most significant one of the first octet behind the count of unused bits.
    private static func lowestBit(_ content: [UInt8]) -> Int? {
        for (index, octet) in content.dropFirst().enumerated() where octet != 0 {
            return index * 8 + octet.leadingZeroBitCount
        }
        return nil
    }
}

/// Object identifiers in their dotted form.
enum ObjectIdentifierText {
    static func der(_ text: String) throws(CryptographyError) -> [UInt8] {
        guard let object = OBJ_txt2obj(text, 1) else {
            ERR_clear_error()
            throw .invalidArgument("an object identifier is written as numbers with full stops between")
        }
        defer { ASN1_OBJECT_free(object) }
        return try encodeDER("i2d_ASN1_OBJECT") { i2d_ASN1_OBJECT(object, $0) }
    }
}
