// SPDX-License-Identifier: Apache-2.0
import Cryptography
import FileSystem
import PKCS11

/// A tenant's key in a PKCS#11 token; the token is asked for it when it first signs.
actor TokenSealKey {
    /// RFC 7512; it names the file of the PIN and never the PIN.
    nonisolated let uri: String
    private let parsed: PKCS11URI
    private var opening: Task<Result<PKCS11Key, KeysError>, Never>?

    /// - Throws: `KeysError.token` for a URI that cannot be used.
    init(uri: String) throws(KeysError) {
        self.uri = uri
        do throws(PKCS11Error) {
            parsed = try PKCS11URI(uri)
        } catch {
            throw .token(error)
        }
    }

    /// Signs a digest, and proves that it was the certificate's key that signed.
    ///
    /// Labels name keys in a token, and another key may have got this one's since the last session.
    /// - Throws: `KeysError.token`; `unusableSeal` for a key that is not the certificate's, or not for signing alone.
    func sign(
        digest: [UInt8], algorithm: SignatureAlgorithm, certificate: Certificate
    ) async throws(KeysError) -> [UInt8] {
        let (key, task) = try await opened()
        let signature: [UInt8]
        do throws(PKCS11Error) {
            signature = try await key.sign(digest: digest, algorithm: algorithm)
        } catch {
            // The next one starts from the PIN file, which may have been changed with the PIN.
            forget(task)
            throw .token(error)
        }
        guard certificate.publicKey.isValid(signature: signature, digest: digest, algorithm: algorithm) else {
            forget(task)
            throw .unusableSeal(reason: "the first certificate of the chain is not that of the key in the token")
        }
        return signature
    }

    private typealias Opening = Task<Result<PKCS11Key, KeysError>, Never>

    private func opened() async throws(KeysError) -> (PKCS11Key, Opening) {
        let task = opening ?? Task { [parsed] in await Self.open(parsed) }
        opening = task
        switch await task.value {
        case .success(let key): return (key, task)
        case .failure(let error):
            forget(task)
            throw error
        }
    }

    private func forget(_ task: Opening) {
        if opening == task { opening = nil }
    }

    private static func open(_ uri: PKCS11URI) async -> Result<PKCS11Key, KeysError> {
        var pin: [UInt8]?
        if let path = uri.pinFile {
            do throws(FileSystemError) {
                pin = Array(try SecretFile.read(path).prefix { $0 != 0x0A && $0 != 0x0D })
            } catch {
                return .failure(.file(error))
            }
        }
        do throws(PKCS11Error) {
            let key = try await PKCS11Key(uri: uri, pin: pin)
            // One purpose a key (SP 800-57 part 1, 5.2).
            guard key.otherUses.isEmpty else {
                return .failure(
                    .unusableSeal(
                        reason: "the token lets the key do more than sign: make one with neither CKA_DECRYPT, "
                            + "CKA_UNWRAP nor CKA_DERIVE"))
            }
            return .success(key)
        } catch {
            return .failure(.token(error))
        }
    }
}
