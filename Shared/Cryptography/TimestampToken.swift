// SPDX-License-Identifier: Apache-2.0
package import Clocks
import ByteCoding
import COpenSSL

/// An RFC 3161 TimeStampToken, its parts copied out once; reading one proves nothing about it.
package struct TimestampToken: Sendable, Hashable {
    /// Larger tokens are refused; real ones have 2 to 10 KB.
    package static let maximumBytes = 1 << 20

    /// The whole ContentInfo, without anything that followed it.
    package let der: [UInt8]
    /// genTime, to the microsecond.
    package let time: Instant
    /// How far the true time may lie from `time` to either side; nil where the authority does not say.
    package let accuracySeconds: Double?
    /// What the imprint was made with; nil for algorithms not known here.
    package let imprintAlgorithm: DigestAlgorithm?
    /// The digest of what was stamped.
    package let imprint: [UInt8]
    /// The dotted OID of the policy that the token was made under.
    package let policy: String
    /// The serial number as a whole DER INTEGER; unique for one authority.
    package let serialDER: [UInt8]
    /// The nonce of the request as a whole DER INTEGER.
    package let nonceDER: [UInt8]?
    /// The certificate that the signer's identifier names; nil when the token does not carry it, or not a readable one.
    package let signer: Certificate?
    /// The readable certificates in the token, in its order.
    package let certificates: [Certificate]
    /// True when signing-certificate or signing-certificate-v2 names `signer` (RFC 3161, 2.4.2; RFC 5816, 2.2.1).
    package let namesSigner: Bool
    private let isSignatureValid: Bool

    /// Reads a token; zeros behind it, as in the `/Contents` of a document timestamp, are passed over.
    /// - Throws: `CryptographyError.unreadableTimestamp`.
    package init(der bytes: [UInt8]) throws(CryptographyError) {
        defer { ERR_clear_error() }
        let message = try TimestampMessage(bytes)
        der = Array(bytes.prefix(message.length))
        let info = try StampInfo(message.content())
        time = try info.time()
        accuracySeconds = info.accuracySeconds
        imprintAlgorithm = try info.imprintAlgorithm()
        imprint = info.imprint
        policy = info.policy
        serialDER = try info.serialDER()
        nonceDER = try info.nonceDER()
        let (certificates, signer) = message.certificates()
        self.certificates = certificates
        self.signer = signer
        namesSigner = signer.map { message.names($0) } ?? false
        isSignatureValid = message.verify()
    }

    /// True when the embedded signer's key made the signature and the signed attributes belong to the content.
    ///
    /// It says nothing about trust, purpose or validity of the signer's certificate. The answer was found on reading.
    package func verifySignature() -> Bool { isSignatureValid }

    /// True when both have the same encoding.
    package static func == (left: TimestampToken, right: TimestampToken) -> Bool { left.der == right.der }

    /// Hashes what tells tokens of one authority apart.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(serialDER)
        hasher.combine(imprint)
    }
}

/// A SignedData with a TSTInfo inside (RFC 3161, 2.4.2).
private struct TimestampMessage: ~Copyable {
    private let handle: CMSHandle
    var length: Int { handle.length }

    init(_ bytes: [UInt8]) throws(CryptographyError) {
        guard bytes.count <= TimestampToken.maximumBytes, let handle = try? CMSHandle(der: bytes),
            OBJ_obj2nid(CMS_get0_eContentType(handle.pointer)) == NID_id_smime_ct_TSTInfo
        else { throw .unreadableTimestamp }
        self.handle = handle
    }

    func content() throws(CryptographyError) -> [UInt8] {
        guard let place = CMS_get0_content(handle.pointer), let content = place.pointee else {
            throw .unreadableTimestamp
        }
        return octets(content)
    }

    func certificates() -> (all: [Certificate], signer: Certificate?) { handle.certificates() }

    func verify() -> Bool {
        CMS_verify(handle.pointer, nil, nil, nil, nil, UInt32(CMS_NO_SIGNER_CERT_VERIFY | CMS_BINARY)) == 1
    }

    /// The first ESSCertID or ESSCertIDv2 is the signer's (RFC 2634, 5.4; RFC 5035, 3).
    func names(_ certificate: Certificate) -> Bool {
        for nid in [NID_id_smime_aa_signingCertificateV2, NID_id_smime_aa_signingCertificate] {
            // -3: exactly one attribute with exactly one value; the value belongs to the message.
            guard
                let value = CMS_signed_get0_data_by_OBJ(handle.signerInfo, OBJ_nid2obj(nid), -3, V_ASN1_SEQUENCE),
                let hash = Self.firstHash(octets(value.assumingMemoryBound(to: ASN1_STRING.self)))
            else { continue }
            let digest = hash.algorithm ?? (nid == NID_id_smime_aa_signingCertificate ? .sha1 : .sha256)
            return digest.digest(of: certificate.der) == hash.value
        }
        return false
    }

    private static func firstHash(_ der: [UInt8]) -> (algorithm: DigestAlgorithm?, value: [UInt8])? {
        let reader = DERReader(der)
        guard let root = reader.root, let list = reader.children(of: root)?.first,
            let identifier = reader.children(of: list)?.first, let parts = reader.children(of: identifier),
            let hash = parts.first(where: { $0.tag == 0x04 })
        else { return nil }
        guard parts[0].tag == 0x30, let oid = reader.children(of: parts[0])?.first else {
            return (nil, reader.content(hash))
        }
        guard let algorithm = DigestAlgorithm(objectIdentifierDER: reader.whole(oid)) else { return nil }
        return (algorithm, reader.content(hash))
    }
}

/// Owner of one TS_TST_INFO (RFC 3161, 2.4.2).
private struct StampInfo: ~Copyable {
    private let pointer: OpaquePointer

    init(_ bytes: [UInt8]) throws(CryptographyError) {
        let parsed = decodeDER(bytes, d2i_TS_TST_INFO)?.pointer
        guard let parsed else { throw .unreadableTimestamp }
        pointer = parsed
    }

    deinit { TS_TST_INFO_free(pointer) }

    func time() throws(CryptographyError) -> Instant {
        guard let text = TS_TST_INFO_get_time(pointer), let time = ASN1Text.generalizedTime(octets(text))
        else { throw .unreadableTimestamp }
        return time
    }

    var accuracySeconds: Double? {
        guard let accuracy = TS_TST_INFO_get_accuracy(pointer) else { return nil }
        func number(_ value: UnsafePointer<ASN1_INTEGER>?) -> Double {
            value.map { Double(ASN1_INTEGER_get($0)) } ?? 0
        }
        let sum =
            number(TS_ACCURACY_get_seconds(accuracy)) + number(TS_ACCURACY_get_millis(accuracy)) / 1e3
            + number(TS_ACCURACY_get_micros(accuracy)) / 1e6
        return sum >= 0 ? sum : nil
    }

    func imprintAlgorithm() throws(CryptographyError) -> DigestAlgorithm? {
        var object: OpaquePointer?
        X509_ALGOR_get0(&object, nil, nil, TS_MSG_IMPRINT_get_algo(TS_TST_INFO_get_msg_imprint(pointer)))
        return DigestAlgorithm(objectIdentifierDER: try encodeDER("i2d_ASN1_OBJECT") { i2d_ASN1_OBJECT(object, $0) })
    }

    var imprint: [UInt8] { octets(TS_MSG_IMPRINT_get_msg(TS_TST_INFO_get_msg_imprint(pointer))) }

    var policy: String { ASN1Text.dotted(TS_TST_INFO_get_policy_id(pointer)) }

    func serialDER() throws(CryptographyError) -> [UInt8] {
        let serial = TS_TST_INFO_get_serial(pointer)
        return try encodeDER("i2d_ASN1_INTEGER") { i2d_ASN1_INTEGER(serial, $0) }
    }

    func nonceDER() throws(CryptographyError) -> [UInt8]? {
        guard let nonce = TS_TST_INFO_get_nonce(pointer) else { return nil }
        return try encodeDER("i2d_ASN1_INTEGER") { i2d_ASN1_INTEGER(nonce, $0) }
    }
}
