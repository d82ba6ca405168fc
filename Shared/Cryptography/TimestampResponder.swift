// SPDX-License-Identifier: Apache-2.0
package import Clocks
import COpenSSL

/// The answering side of RFC 3161, for a development authority and for tests; OpenSSL's own code makes the tokens.
package struct TimestampResponder: Sendable {
    private let key: PrivateKey
    private let certificate: Certificate
    private let issuers: [Certificate]
    private let policy: String
    private let clock: BusinessClock

    /// Stamps with a key whose certificate allows time-stamping and nothing else.
    /// - Parameter issuers: Certificates that go into tokens beside the authority's own.
    /// - Parameter policy: The dotted OID of the only policy that is served.
    /// - Throws: `CryptographyError.invalidArgument` for a certificate of another purpose or another key.
    package init(
        key: PrivateKey, certificate: Certificate, issuers: [Certificate], policy: String, clock: BusinessClock
    ) throws(CryptographyError) {
        guard certificate.isTimestampingCertificate else {
            throw .invalidArgument("the certificate does not allow time-stamping alone, critically")
        }
        guard try key.publicKey() == certificate.publicKey else {
            throw .invalidArgument("the key does not belong to the certificate")
        }
        _ = try ObjectIdentifierText.der(policy)
        self.key = key
        self.certificate = certificate
        self.issuers = issuers
        self.policy = policy
        self.clock = clock
    }

    /// The TimeStampResp for a TimeStampReq, which is a refusal where the request is not to be granted.
    package func response(to request: [UInt8]) throws(CryptographyError) -> [UInt8] {
        defer { ERR_clear_error() }
        let context = try check(TS_RESP_CTX_new(), "TS_RESP_CTX_new")
        defer { TS_RESP_CTX_free(context) }
        try configure(context)
        // The callback reads it only within TS_RESP_create_response.
        var time = StampTime(clock.now())
        let bio = try MemoryBIO(request)
        let response = withUnsafeMutablePointer(to: &time) { pointer in
            TS_RESP_CTX_set_time_cb(context, { StampTime.give($1, seconds: $2, microseconds: $3) }, pointer)
            return TS_RESP_create_response(context, bio.pointer)
        }
        let made = try check(response, "TS_RESP_create_response")
        defer { TS_RESP_free(made) }
        return try encodeDER("i2d_TS_RESP") { i2d_TS_RESP(made, $0) }
    }

    /// The context takes references of its own to everything that it is given (ts_rsp_sign.c).
    private func configure(_ context: OpaquePointer) throws(CryptographyError) {
        let own = try CertificateHandle(der: certificate.der)
        try check(TS_RESP_CTX_set_signer_cert(context, own.pointer), "TS_RESP_CTX_set_signer_cert")
        try key.withHandle { handle throws(CryptographyError) in
            try check(TS_RESP_CTX_set_signer_key(context, handle), "TS_RESP_CTX_set_signer_key")
        }
        var stack = try CertificateStack()
        for issuer in issuers { try stack.append(issuer) }
        try check(TS_RESP_CTX_set_certs(context, stack.pointer), "TS_RESP_CTX_set_certs")
        let policyObject = try check(OBJ_txt2obj(policy, 1), "OBJ_txt2obj")
        defer { ASN1_OBJECT_free(policyObject) }
        try check(TS_RESP_CTX_set_def_policy(context, policyObject), "TS_RESP_CTX_set_def_policy")
        for algorithm in DigestAlgorithm.allCases where algorithm.isAllowedForSigning {
            try check(TS_RESP_CTX_add_md(context, algorithm.handle), "TS_RESP_CTX_add_md")
        }
        let digest = key.kind.defaultSignatureAlgorithm?.digest ?? .sha256
        try check(TS_RESP_CTX_set_signer_digest(context, digest.handle), "TS_RESP_CTX_set_signer_digest")
        try check(
            TS_RESP_CTX_set_ess_cert_id_digest(context, DigestAlgorithm.sha256.handle),
            "TS_RESP_CTX_set_ess_cert_id_digest")
        try check(TS_RESP_CTX_set_accuracy(context, 1, 0, 0), "TS_RESP_CTX_set_accuracy")
        try check(TS_RESP_CTX_set_clock_precision_digits(context, 3), "TS_RESP_CTX_set_clock_precision_digits")
        TS_RESP_CTX_set_serial_cb(context, { _, _ in CertificateBuilder.randomSerial() }, nil)
    }
}

/// What the time callback of TS_RESP_CTX answers.
private struct StampTime {
    let seconds: Int
    let microseconds: Int

    init(_ instant: Instant) {
        seconds = Int(instant.wholeSeconds)
        microseconds = Int(instant.microseconds - instant.wholeSeconds * 1_000_000)
    }

    static func give(
        _ data: UnsafeMutableRawPointer?, seconds: UnsafeMutablePointer<Int>?, microseconds: UnsafeMutablePointer<Int>?
    ) -> Int32 {
        guard let data, let seconds, let microseconds else { return 0 }
        let time = data.assumingMemoryBound(to: StampTime.self).pointee
        seconds.pointee = time.seconds
        microseconds.pointee = time.microseconds
        return 1
    }
}
