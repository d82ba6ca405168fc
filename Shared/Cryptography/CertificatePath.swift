// SPDX-License-Identifier: Apache-2.0
package import Clocks
import COpenSSL

/// A certificate, its issuers, and the trust anchor they lead to (RFC 5280, 6), without revocation.
package struct CertificatePath: Sendable, Hashable {
    /// The leaf first, the anchor last; one certificate when the leaf is an anchor itself.
    package let certificates: [Certificate]

    /// The trusted certificate at the end.
    package var anchor: Certificate { certificates[certificates.count - 1] }

    /// Each certificate that has to be proven, with its issuer: all but the anchor.
    package var links: [(certificate: Certificate, issuer: Certificate)] {
        zip(certificates, certificates.dropFirst()).map { ($0, $1) }
    }

    /// The path from the leaf to an anchor, checked with names, signatures, basic, key usage and name constraints.
    ///
    /// An anchor is trusted whether or not it is self-signed.
    /// - Parameter time: When the certificates must be valid; nil looks for a path whose certificates need not be.
    /// - Throws: `CryptographyError.untrustedChain` with the first fault when no path holds at that time.
    package static func find(
        leaf: Certificate, candidates: [Certificate], anchors: [Certificate], at time: Instant?
    ) throws(CryptographyError) -> CertificatePath {
        let leafHandle = try CertificateHandle(der: leaf.der)
        let store = try check(X509_STORE_new(), "X509_STORE_new")
        defer { X509_STORE_free(store) }
        for anchor in anchors {
            let handle = try CertificateHandle(der: anchor.der)
            // The store takes a reference of its own (X509_STORE_add_cert(3)).
            try check(X509_STORE_add_cert(store, handle.pointer), "X509_STORE_add_cert")
        }
        var untrusted = try CertificateStack()
        for candidate in candidates { try untrusted.append(candidate) }
        let context = try check(X509_STORE_CTX_new(), "X509_STORE_CTX_new")
        defer { X509_STORE_CTX_free(context) }
        try check(
            X509_STORE_CTX_init(context, store, leafHandle.pointer, untrusted.pointer), "X509_STORE_CTX_init")
        let parameters = X509_STORE_CTX_get0_param(context)
        var flags = X509_V_FLAG_PARTIAL_CHAIN
        if let time {
            X509_VERIFY_PARAM_set_time(parameters, time_t(time.wholeSeconds))
        } else {
            flags |= X509_V_FLAG_NO_CHECK_TIME
        }
        try check(X509_VERIFY_PARAM_set_flags(parameters, UInt(flags)), "X509_VERIFY_PARAM_set_flags")
        defer { ERR_clear_error() }
        guard X509_verify_cert(context) == 1 else {
            throw .untrustedChain(
                ChainFault(
                    code: X509_STORE_CTX_get_error(context), depth: Int(X509_STORE_CTX_get_error_depth(context))))
        }
        let found = X509_STORE_CTX_get0_chain(context)
        var path: [Certificate] = []
        for index in 0..<paraph_x509_stack_count(found) {
            let pointer = paraph_x509_stack_value(found, index)
            path.append(try Certificate(der: encodeDER("i2d_X509") { i2d_X509(pointer, $0) }))
        }
        guard !path.isEmpty else { throw failure("X509_STORE_CTX_get0_chain") }
        return CertificatePath(certificates: path)
    }
}

/// Owner of a STACK_OF(X509) and of what it lists.
struct CertificateStack: ~Copyable {
    let pointer: OpaquePointer

    init() throws(CryptographyError) {
        pointer = try check(paraph_x509_stack_new(), "sk_X509_new_null")
    }

    mutating func append(_ certificate: Certificate) throws(CryptographyError) {
        let handle = try CertificateHandle(der: certificate.der)
        try check(X509_up_ref(handle.pointer), "X509_up_ref")
        guard paraph_x509_stack_push(pointer, handle.pointer) > 0 else {
            X509_free(handle.pointer)
            throw failure("sk_X509_push")
        }
    }

    deinit {
        for index in 0..<paraph_x509_stack_count(pointer) { X509_free(paraph_x509_stack_value(pointer, index)) }
        paraph_x509_stack_free(pointer)
    }
}
