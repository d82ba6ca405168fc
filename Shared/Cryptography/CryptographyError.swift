// SPDX-License-Identifier: Apache-2.0
import COpenSSL

/// Why a cryptographic operation gave no result; never carries key material or what was processed.
package enum CryptographyError: Error, Equatable {
    /// An argument has a length or a value that the operation does not take.
    case invalidArgument(String)
    /// The tag did not match: another key, nonce or associated data, or changed bytes.
    case authenticationFailed
    /// The bytes are not a private or public key that can be used; an encrypted PEM needs its pass phrase.
    case unreadableKey
    /// The bytes are not an X.509 certificate.
    case unreadableCertificate
    /// The bytes are not an RFC 3161 token with one signer, or a message around one.
    case unreadableTimestamp
    /// The bytes are not an OCSP response or a revocation list that is read here; the text says which and why.
    case unreadableRevocationData(String)
    /// An OCSP response or a revocation list does not come from who may say so, or not for this certificate.
    case unusableRevocationData(String)
    /// The key cannot be used with the algorithm asked for.
    case unsupportedAlgorithm(String)
    /// No path from the leaf to an anchor holds at the given time.
    case untrustedChain(ChainFault)
    /// OpenSSL refused an operation that should succeed.
    case library(operation: String, OpenSSLErrorCode)
}

/// The first entry of OpenSSL's error queue, as its own numbering gives it.
package struct OpenSSLErrorCode: Sendable, Hashable, CustomStringConvertible {
    /// The packed library and reason number.
    package let rawValue: UInt

    /// OpenSSL's constant text for the code, which holds no data of the operation.
    package var description: String {
        guard let text = ERR_reason_error_string(rawValue) else { return "code \(rawValue)" }
        return String(cString: text)
    }

    /// Takes the thread's oldest error and empties its queue, so that a later call cannot report it again.
    static func takeFromQueue() -> OpenSSLErrorCode {
        let code = ERR_get_error()
        ERR_clear_error()
        return OpenSSLErrorCode(rawValue: code)
    }
}

/// Why a certificate chain was refused: X509_STORE_CTX_get_error and the position of the certificate at fault.
package struct ChainFault: Sendable, Hashable, CustomStringConvertible {
    /// One of OpenSSL's X509_V_ERR values.
    package let code: Int32
    /// 0 is the leaf.
    package let depth: Int

    /// OpenSSL's constant text for the code.
    package var description: String {
        "\(String(cString: X509_verify_cert_error_string(Int(code)))) at depth \(depth)"
    }

    /// What kind of fault it is, as the sub-indications of EN 319 102-1, 5.2.6 tell them apart.
    package var kind: Kind {
        switch code {
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
            X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT,
            X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, X509_V_ERR_CERT_UNTRUSTED:
            .noPath
        case X509_V_ERR_CERT_HAS_EXPIRED, X509_V_ERR_CERT_NOT_YET_VALID: .outsideValidity
        case X509_V_ERR_CERT_SIGNATURE_FAILURE, X509_V_ERR_UNABLE_TO_DECRYPT_CERT_SIGNATURE,
            X509_V_ERR_SIGNATURE_ALGORITHM_MISMATCH, X509_V_ERR_SIGNATURE_ALGORITHM_INCONSISTENCY,
            X509_V_ERR_UNSUPPORTED_SIGNATURE_ALGORITHM, X509_V_ERR_UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY:
            .signature
        default: .constraints
        }
    }

    /// The kinds of fault.
    package enum Kind: Sendable, Hashable {
        /// No chain of issuers leads to an anchor.
        case noPath
        /// A certificate has expired, or is not valid yet, at the time asked for.
        case outsideValidity
        /// A certificate is not signed by its issuer, or with an algorithm that is not known.
        case signature
        /// Basic constraints, key usage, name constraints or a critical extension forbid the chain.
        case constraints
    }
}

/// Turns OpenSSL's "1 is success" into a thrown error.
func check(_ status: Int32, _ operation: String) throws(CryptographyError) {
    guard status == 1 else { throw failure(operation) }
}

/// Turns OpenSSL's "NULL is failure" into a thrown error.
func check<Handle>(_ handle: Handle?, _ operation: String) throws(CryptographyError) -> Handle {
    guard let handle else { throw failure(operation) }
    return handle
}

func failure(_ operation: String) -> CryptographyError {
    .library(operation: operation, .takeFromQueue())
}
