// SPDX-License-Identifier: Apache-2.0

/// Why a token gave no signature; never carries a PIN or what was signed.
package enum PKCS11Error: Error, Equatable, CustomStringConvertible {
    /// The text is no `pkcs11:` URI that can be used, with the reason.
    case unusableURI(String)
    /// The module cannot be loaded or started.
    case moduleUnusable(path: String, reason: String)
    /// No token that is present has the attributes asked for.
    case tokenMissing
    /// So many tokens have them.
    case tokenAmbiguous(Int)
    /// The token wants a PIN and none was given.
    case pinMissing
    /// The token did not accept the PIN, which is not tried again: tokens lock themselves after a few.
    case pinRefused
    /// The token is locked after wrong PINs.
    case pinLocked
    /// The token has no private key of that label and id.
    case keyMissing
    /// The token has several.
    case keyAmbiguous
    /// The key's attributes do not protect it, or do not let it sign.
    case keyUnsafe(String)
    /// The key's type or size has no use here.
    case unsupportedKey(String)
    /// Token or session went away and did not come back at once.
    case connectionLost(operation: String, code: ReturnCode)
    /// The module refused an operation that should succeed.
    case refused(operation: String, code: ReturnCode)

    /// A CK_RV as PKCS#11 numbers it.
    package struct ReturnCode: Sendable, Hashable, CustomStringConvertible {
        /// One of the CKR values.
        package let rawValue: UInt

        /// As the standard's tables write it, for example "CKR 0x00000030".
        package var description: String {
            let digits = String(rawValue, radix: 16)
            return "CKR 0x" + String(repeating: "0", count: max(0, 8 - digits.count)) + digits
        }
    }

    /// True when the same call may succeed later without anybody changing its arguments.
    package var isRetriable: Bool {
        switch self {
        case .tokenMissing, .connectionLost: true
        default: false
        }
    }

    /// A sentence for the person who named the token.
    package var description: String {
        switch self {
        case .unusableURI(let reason): reason
        case .moduleUnusable(let path, let reason): "the PKCS#11 module \(path) cannot be used: \(reason)"
        case .tokenMissing: "no token that is present fits the URI"
        case .tokenAmbiguous(let count): "\(count) tokens fit the URI: name one by token=, serial= or slot-id="
        case .pinMissing: "the token wants a PIN: name a file that holds it by pin-source="
        case .pinRefused: "the token refuses the PIN; it is not tried again"
        case .pinLocked: "the token is locked after wrong PINs"
        case .keyMissing: "the token has no private key that fits the URI"
        case .keyAmbiguous: "several private keys on the token fit the URI: name one by object= or id="
        case .keyUnsafe(let reason): "the token's key is not used: \(reason)"
        case .unsupportedKey(let what): "the token's key cannot sign documents: \(what)"
        case .connectionLost(let operation, let code): "the token went away during \(operation) (\(code)); try again"
        case .refused(let operation, let code): "the token refused \(operation) (\(code))"
        }
    }
}
