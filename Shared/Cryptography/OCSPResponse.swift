// SPDX-License-Identifier: Apache-2.0
import ByteCoding
package import Clocks
import COpenSSL

/// An OCSP response (RFC 6960, 4.2), its parts copied out once; equal when the DER is.
package struct OCSPResponse: Sendable, Hashable {
    /// OCSPResponseStatus (RFC 6960, 4.2.1).
    package enum Status: Int, Sendable, Hashable {
        case successful = 0
        case malformedRequest = 1
        case internalError = 2
        case tryLater = 3
        case signatureRequired = 5
        case unauthorized = 6
    }

    /// What is said about one certificate.
    package struct Entry: Sendable, Hashable {
        /// Which certificate it is about.
        package let identifier: OCSPCertificateIdentifier
        /// What is said.
        package let status: RevocationStatus
        /// When that was known to be right.
        package let thisUpdate: Instant
        /// When there will be something newer; nil where that is so at any time.
        package let nextUpdate: Instant?
        /// How far back the responder remembers expired certificates (RFC 6960, 4.4.4).
        package let archiveCutoff: Instant?
    }

    /// The whole response.
    package let der: [UInt8]
    /// Only a successful response says anything else.
    package let status: Status
    /// When it was signed; nil unless successful.
    package let producedAt: Instant?
    /// What it says, in its order.
    package let entries: [Entry]
    /// The certificates it carries, which may be the responder's and its issuers'; unreadable ones are left out.
    package let certificates: [Certificate]
    /// What it is signed with; nil when not known here.
    package let signatureAlgorithm: SignatureAlgorithm?

    /// - Throws: `CryptographyError.unreadableRevocationData`.
    package init(der: [UInt8]) throws(CryptographyError) {
        let handle = try OCSPHandle(der: der)
        guard let status = Status(rawValue: Int(OCSP_response_status(handle.response))) else {
            throw .unreadableRevocationData("the OCSP response has a status that RFC 6960 does not know")
        }
        self.der = der
        self.status = status
        guard status == .successful, let basic = handle.basic else {
            guard status != .successful else { throw .unreadableRevocationData("the OCSP response is empty") }
            producedAt = nil
            entries = []
            certificates = []
            signatureAlgorithm = nil
            return
        }
        producedAt = try instant(OCSP_resp_get0_produced_at(basic))
        let count = OCSP_resp_count(basic)
        guard (0...Self.maximumEntries).contains(Int(count)) else {
            throw .unreadableRevocationData("the OCSP response has more than \(Self.maximumEntries) entries")
        }
        var entries: [Entry] = []
        for index in 0..<max(0, count) { entries.append(try Self.entry(OCSP_resp_get0(basic, index))) }
        self.entries = entries
        let stack = OCSP_resp_get0_certs(basic)
        var certificates: [Certificate] = []
        for index in 0..<max(0, min(paraph_x509_stack_count(stack), Int32(Self.maximumEntries))) {
            let pointer = paraph_x509_stack_value(stack, index)
            if let certificate = try? Certificate(der: encodeDER("i2d_X509", { i2d_X509(pointer, $0) })) {
                certificates.append(certificate)
            }
        }
        self.certificates = certificates
        let algorithm = OCSP_resp_get0_tbs_sigalg(basic)
        signatureAlgorithm = SignatureAlgorithm(
            algorithmIdentifierDER: try encodeDER("i2d_X509_ALGOR") { i2d_X509_ALGOR(algorithm, $0) })
    }

    /// Wraps a BasicOCSPResponse, as CAdES revocation-values hold them, into a successful response.
    /// - Throws: `CryptographyError.unreadableRevocationData`.
    package init(basicResponseDER basic: [UInt8]) throws(CryptographyError) {
        let type: [UInt8] = [0x06, 0x09, 0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x01]
        let bytes = DER.sequence(type, DER.octetString(basic))
        try self.init(der: DER.sequence([0x0A, 0x01, 0x00], DER.element(0xA0, bytes)))
    }

    /// The newest entry about a certificate.
    package func entry(for certificate: Certificate, issuer: Certificate) -> Entry? {
        entries.filter { $0.identifier.names(certificate, issuer: issuer) }.max { $0.thisUpdate < $1.thisUpdate }
    }

    /// The responder's certificate, once the signature holds and the responder may speak for the issuer.
    ///
    /// That is the issuer itself, or who has a certificate of it for OCSP signing that was valid when the response was
    /// made (RFC 6960, 4.2.2.2). Whether that certificate was revoked is for the caller to find out.
    /// - Parameter candidates: Where to look for the responder besides the response itself.
    /// - Throws: `CryptographyError.unusableRevocationData`.
    package func verify(
        issuer: Certificate, candidates: [Certificate] = []
    ) throws(CryptographyError) -> Certificate {
        let handle = try OCSPHandle(der: der)
        guard let basic = handle.basic, let producedAt else {
            throw .unusableRevocationData("the OCSP response is not a successful one")
        }
        // Checking a signature costs much more than looking whether the certificate could be the responder's.
        let others = candidates.filter { $0.issuerDER == issuer.subjectDER && $0.purposes.contains(.ocspSigning) }
        for responder in [issuer] + certificates + others where Self.isSigned(basic, by: responder) {
            if responder.subjectDER == issuer.subjectDER && responder.publicKey == issuer.publicKey { return issuer }
            guard responder.issuerDER == issuer.subjectDER, responder.isSigned(by: issuer.publicKey) else { continue }
            guard responder.purposes.contains(.ocspSigning) else {
                throw .unusableRevocationData("the OCSP responder's certificate is not for OCSP signing")
            }
            guard responder.notBefore <= producedAt, producedAt <= responder.notAfter else {
                throw .unusableRevocationData("the OCSP responder's certificate was not valid when it answered")
            }
            return responder
        }
        throw .unusableRevocationData("no responder that may speak for the issuer signed the OCSP response")
    }

    /// Compares the whole encoding.
    package static func == (left: OCSPResponse, right: OCSPResponse) -> Bool { left.der == right.der }

    /// Hashes the encoding.
    package func hash(into hasher: inout Hasher) { hasher.combine(der) }

    private static let maximumEntries = 1_000

    private static func isSigned(_ basic: OpaquePointer, by responder: Certificate) -> Bool {
        defer { ERR_clear_error() }
        guard var stack = try? CertificateStack(), (try? stack.append(responder)) != nil else { return false }
        // Finds the signer by its id in the stack alone and checks the signature; the rest is `verify`'s.
        return OCSP_basic_verify(basic, stack.pointer, nil, UInt(OCSP_NOINTERN | OCSP_NOVERIFY)) == 1
    }

    private static func entry(_ single: OpaquePointer?) throws(CryptographyError) -> Entry {
        var reason: Int32 = -1
        var revokedAt: UnsafeMutablePointer<ASN1_GENERALIZEDTIME>?
        var thisUpdate: UnsafeMutablePointer<ASN1_GENERALIZEDTIME>?
        var nextUpdate: UnsafeMutablePointer<ASN1_GENERALIZEDTIME>?
        let status: RevocationStatus
        switch OCSP_single_get0_status(single, &reason, &revokedAt, &thisUpdate, &nextUpdate) {
        case V_OCSP_CERTSTATUS_GOOD: status = .good
        case V_OCSP_CERTSTATUS_REVOKED:
            status = .revoked(at: try instant(revokedAt), reason: RevocationReason(rawValue: Int(reason)))
        case V_OCSP_CERTSTATUS_UNKNOWN: status = .unknown
        default:
            ERR_clear_error()
            throw .unreadableRevocationData("the OCSP response has a certificate status that RFC 6960 does not know")
        }
        var next: Instant?
        if let nextUpdate { next = try instant(nextUpdate) }
        var cutoff: Instant?
        let value = OCSP_SINGLERESP_get1_ext_d2i(single, NID_id_pkix_OCSP_archiveCutoff, nil, nil)
        if let value {
            let time = value.assumingMemoryBound(to: ASN1_GENERALIZEDTIME.self)
            defer { ASN1_STRING_free(time) }
            cutoff = try instant(time)
        }
        return Entry(
            identifier: try OCSPCertificateIdentifier(OCSP_SINGLERESP_get0_id(single)), status: status,
            thisUpdate: try instant(thisUpdate), nextUpdate: next, archiveCutoff: cutoff)
    }
}

/// Owner of one OCSP_RESPONSE and of the basic response in it, used within one call.
private struct OCSPHandle: ~Copyable {
    let response: OpaquePointer
    /// Nil for a response that is not successful, or not of the basic type.
    let basic: OpaquePointer?

    init(der: [UInt8]) throws(CryptographyError) {
        guard let (parsed, consumed) = decodeDER(der, d2i_OCSP_RESPONSE) else {
            ERR_clear_error()
            throw .unreadableRevocationData("the bytes are no OCSP response")
        }
        guard consumed == der.count else {
            OCSP_RESPONSE_free(parsed)
            throw .unreadableRevocationData("bytes follow the OCSP response")
        }
        response = parsed
        basic = OCSP_response_get1_basic(parsed)
        ERR_clear_error()
    }

    deinit {
        OCSP_BASICRESP_free(basic)
        OCSP_RESPONSE_free(response)
    }
}
