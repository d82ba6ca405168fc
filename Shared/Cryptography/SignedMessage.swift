// SPDX-License-Identifier: Apache-2.0
import COpenSSL

/// What a CMS SignedData with one signer carries besides its signature (RFC 5652, 5); reading it proves nothing.
package struct SignedMessage: Sendable {
    /// Larger messages are refused; real ones have some KB, with revocation lists inside some MB.
    package static let maximumBytes = 16 << 20

    /// The readable certificates, in their order.
    package let certificates: [Certificate]
    /// The one that the signer's identifier names, when the message carries it.
    package let signer: Certificate?
    /// The TimeStampTokens of signature-time-stamp attributes (RFC 3161, appendix A), not yet read.
    package let timestampsDER: [[UInt8]]

    /// Reads a message; zeros behind it, as in `/Contents`, are passed over.
    /// - Throws: `CryptographyError.invalidArgument` for anything but SignedData with one signer.
    package init(der: [UInt8]) throws(CryptographyError) {
        defer { ERR_clear_error() }
        let message = try CMSHandle(der: der)
        (certificates, signer) = message.certificates()
        timestampsDER = try message.signatureTimestamps()
    }
}

/// Owner of one CMS_ContentInfo of SignedData with one signer.
struct CMSHandle: ~Copyable {
    let pointer: OpaquePointer
    /// Borrowed from the message.
    let signerInfo: OpaquePointer
    /// Bytes of the encoding, without the zeros behind it.
    let length: Int

    init(der bytes: [UInt8]) throws(CryptographyError) {
        guard bytes.count <= SignedMessage.maximumBytes else { throw Self.unreadable }
        guard let (parsed, consumed) = decodeDER(bytes, d2i_CMS_ContentInfo) else { throw Self.unreadable }
        // The list and its members belong to the message (CMS_get0_SignerInfos(3)).
        guard bytes.dropFirst(consumed).allSatisfy({ $0 == 0 }),
            OBJ_obj2nid(CMS_get0_type(parsed)) == NID_pkcs7_signed,
            let infos = CMS_get0_SignerInfos(parsed), paraph_signer_info_count(infos) == 1,
            let signerInfo = paraph_signer_info_value(infos, 0)
        else {
            CMS_ContentInfo_free(parsed)
            throw Self.unreadable
        }
        pointer = parsed
        self.signerInfo = signerInfo
        length = consumed
    }

    deinit { CMS_ContentInfo_free(pointer) }

    func certificates() -> (all: [Certificate], signer: Certificate?) {
        // A list of our own with a reference to each (CMS_get1_certs(3)).
        guard let stack = CMS_get1_certs(pointer) else { return ([], nil) }
        defer { paraph_x509_stack_free(stack) }
        var all: [Certificate] = []
        var signer: Certificate?
        for index in 0..<paraph_x509_stack_count(stack) {
            let member = paraph_x509_stack_value(stack, index)
            defer { X509_free(member) }
            guard let der = try? encodeDER("i2d_X509", { i2d_X509(member, $0) }),
                let certificate = try? RecentCertificates.certificate(der: der)
            else { continue }
            all.append(certificate)
            if CMS_SignerInfo_cert_cmp(signerInfo, member) == 0 { signer = certificate }
        }
        return (all, signer)
    }

    func signatureTimestamps() throws(CryptographyError) -> [[UInt8]] {
        var tokens: [[UInt8]] = []
        var index: Int32 = -1
        while true {
            index = CMS_unsigned_get_attr_by_NID(signerInfo, NID_id_smime_aa_timeStampToken, index)
            guard index >= 0, let attribute = CMS_unsigned_get_attr(signerInfo, index) else { return tokens }
            for number in 0..<X509_ATTRIBUTE_count(attribute) {
                // The value belongs to the message.
                guard let value = X509_ATTRIBUTE_get0_type(attribute, number) else { continue }
                tokens.append(try encodeDER("i2d_ASN1_TYPE") { i2d_ASN1_TYPE(value, $0) })
            }
        }
    }

    private static var unreadable: CryptographyError {
        .invalidArgument("the bytes are not a CMS SignedData with one signer")
    }
}
