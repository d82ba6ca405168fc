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

    /// True when the time asked for lies after the end of a certificate's validity.
    package var isExpiry: Bool { code == X509_V_ERR_CERT_HAS_EXPIRED }
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
