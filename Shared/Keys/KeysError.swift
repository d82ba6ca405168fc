// SPDX-License-Identifier: Apache-2.0
package import Cryptography
package import FileSystem
package import FoundationEssentials
package import PKCS11

/// Why a key cannot be had; the description says what to do, and no case carries key material.
package enum KeysError: Error, Equatable, CustomStringConvertible {
    /// No file stands where the key belongs.
    case missing(path: String)
    /// Others than its owner may use the file or folder.
    case exposed(path: String, mode: Int)
    /// The file holds a key of another hierarchy.
    case wrongPurpose(path: String, expected: KeyPurpose)
    /// The file is no key file of a version known here, or was changed.
    case damaged(path: String)
    /// The file was sealed under another master, for another owner, or was changed.
    case cannotUnseal(path: String)
    /// The tenant has no key-encryption key yet.
    case noTenantKey(tenant: UUID)
    /// The tenant has no seal yet.
    case noSeal(tenant: UUID)
    /// The data key was destroyed or never was.
    case noDataKey(id: UUID)
    /// A key is there already and is not replaced.
    case alreadyExists(path: String)
    /// The certificates and the key given for a seal cannot be used; the reason is constant text.
    case unusableSeal(reason: String)
    /// The tenant has no key of that id.
    case noSuchKey(id: UUID)
    /// A key in this state cannot get into that one.
    case illegalKeyState(id: UUID, from: KeyState, to: KeyState)
    /// The key has not signed a trial document yet.
    case notTried(id: UUID)
    /// No deactivated key of the purpose could sign again.
    case nothingToRollBack
    /// A bearer token between services is malformed, expired, for another audience or not ours.
    case invalidServiceToken
    /// The file system refused an operation.
    case file(FileSystemError)
    /// The token that a seal's key lives in gives no signature.
    case token(PKCS11Error)
    /// The cryptographic library refused an operation.
    case cryptography(CryptographyError)

    /// What is wrong and what to do about it.
    package var description: String {
        switch self {
        case .missing(let path):
            "no key at \(path): run `paraph keys init`, or set PARAPH_KEY_STORE to this service's own folder"
        case .exposed(let path, let mode):
            "\(path) has mode \(String(mode & 0o7777, radix: 8)), others may use it: run `chmod go= \(path)`"
        case .wrongPurpose(let path, let expected):
            "\(path) is not a key for \(expected.rawValue): put the right file there, one hierarchy's key is no other's"
        case .damaged(let path):
            "\(path) is not a key file of version \(KeyFile.version): restore it from the backup of the key store"
        case .cannotUnseal(let path):
            "\(path) does not open under the master key beside it: restore both from the same backup"
        case .noTenantKey(let tenant):
            "tenant \(tenant) has no storage key: run `paraph keys tenant` for it"
        case .noSeal(let tenant):
            "tenant \(tenant) has no active seal: run `paraph keys list`, then `keys tenant`, `keys import` or `keys activate`"
        case .noDataKey(let id):
            "data key \(id) is not in the key store: what it protected was disposed of, or the store is another's"
        case .alreadyExists(let path):
            "\(path) is there already and is kept: remove it first if a new key is really meant"
        case .unusableSeal(let reason):
            "the seal cannot be used: \(reason)"
        case .noSuchKey(let id):
            "there is no key \(id.uuidString.lowercased()): `paraph keys list` shows the tenant's keys"
        case .illegalKeyState(let id, let from, let to):
            "key \(id.uuidString.lowercased()) is \(from.rawValue) and cannot become \(to.rawValue)"
        case .notTried(let id):
            "key \(id.uuidString.lowercased()) has signed no trial document: run `paraph keys try` first"
        case .nothingToRollBack:
            "no earlier key of that purpose can sign again: it is compromised, destroyed, expired, or there is none"
        case .invalidServiceToken:
            "the service token was refused: check that both services have the same service-identity.key and time"
        case .file(let error):
            "\(error)"
        case .token(let error):
            "\(error)"
        case .cryptography(let error):
            "cryptographic operation refused: \(error)"
        }
    }
}

/// Runs a file operation and speaks of a missing file as of a missing key.
func filing<Result>(_ body: () throws(FileSystemError) -> Result) throws(KeysError) -> Result {
    do throws(FileSystemError) {
        return try body()
    } catch {
        if error.isMissing { throw .missing(path: error.path) }
        if error.isExisting { throw .alreadyExists(path: error.path) }
        if error.operation == .checkMode { throw .exposed(path: error.path, mode: 0o007) }
        throw .file(error)
    }
}

/// Runs a cryptographic operation under this module's error.
func ciphering<Result>(_ body: () throws(CryptographyError) -> Result) throws(KeysError) -> Result {
    do throws(CryptographyError) {
        return try body()
    } catch {
        throw .cryptography(error)
    }
}
