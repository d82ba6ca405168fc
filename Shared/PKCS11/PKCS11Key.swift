// SPDX-License-Identifier: Apache-2.0
package import Cryptography
import ServiceKit
import Synchronization

/// A private key that never leaves its token; signing from several tasks at once is safe.
///
/// Each call goes to one of a few sessions in turn. A session that is lost is opened anew and the call made once more;
/// making a signature twice harms nothing.
package final class PKCS11Key: Sendable {
    /// Type and size.
    package let kind: KeyKind
    /// The certificate with the key's CKA_ID, then its issuers, as far as the token has them.
    package let certificates: [Certificate]
    /// What the token lets the key do besides signing, in words; a key should have one purpose (NIST SP 800-57, 5.2).
    package let otherUses: [String]

    private let workers: [SessionWorker]
    private let turn = Atomic<Int>(0)

    /// Logs in, finds the key and looks at its attributes.
    /// - Parameter pin: Nil for a token that needs none or has a keypad of its own.
    /// - Parameter sessions: How many signatures the token may be asked for at once; they are opened as they are needed.
    /// - Throws: `PKCS11Error`, `keyUnsafe` for a key that is not sensitive, or extractable.
    package init(uri: PKCS11URI, pin: [UInt8]?, sessions: Int = 4) async throws(PKCS11Error) {
        let access = try TokenAccess(uri: uri, pin: pin)
        workers = (0..<max(1, sessions)).map { _ in SessionWorker(access: access) }
        (kind, certificates, otherUses) = try await workers[0].describeKey()
    }

    /// Signs a digest that was made elsewhere; ECDSA gives a DER SEQUENCE of r and s.
    /// - Throws: `PKCS11Error`, `unsupportedKey` for an algorithm that is not the key's; see `isRetriable`.
    package func sign(digest: [UInt8], algorithm: SignatureAlgorithm) async throws(PKCS11Error) -> [UInt8] {
        let isRSA = if case .rsa = kind { true } else { false }
        guard isRSA == (algorithm.scheme != .ecdsa), let mechanism = SigningMechanism(algorithm),
            digest.count == algorithm.digest.byteCount
        else {
            throw .unsupportedKey("a key of kind \(kind) cannot be used for \(algorithm)")
        }
        let input = SigningMechanism.input(digest: digest, algorithm: algorithm)
        let turn = turn.wrappingAdd(1, ordering: .relaxed).oldValue
        let worker = workers[Int(UInt(bitPattern: turn) % UInt(workers.count))]
        let signature = try await worker.sign(input, mechanism: mechanism)
        guard let value = SigningMechanism.value(signature, algorithm: algorithm) else {
            throw .unsupportedKey("the token's signature is not of the form that its mechanism gives")
        }
        return value
    }
}

/// One session and its thread.
private actor SessionWorker {
    private let access: TokenAccess
    private let executor = BlockingExecutor(label: "pkcs11")
    private var current: (session: TokenSession, key: TokenKey)?

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(access: TokenAccess) { self.access = access }

    func describeKey() throws(PKCS11Error) -> (KeyKind, [Certificate], [String]) {
        let (session, key) = try open()
        return (key.kind, try key.certificates(in: session), key.otherUses)
    }

    func sign(_ input: [UInt8], mechanism: SigningMechanism) throws(PKCS11Error) -> [UInt8] {
        if current != nil {
            do throws(PKCS11Error) {
                return try signOnce(input, mechanism)
            } catch {
                guard error.isRetriable else { throw error }
                current = nil
            }
        }
        return try signOnce(input, mechanism)
    }

    private func signOnce(_ input: [UInt8], _ mechanism: SigningMechanism) throws(PKCS11Error) -> [UInt8] {
        let session: TokenSession
        let key: TokenKey
        if let current { (session, key) = current } else { (session, key) = try open() }
        return try session.sign(input, with: key.object, mechanism: mechanism) { () throws(PKCS11Error) in
            if key.wantsConfirmation { try access.confirm(session) }
        }
    }

    private func open() throws(PKCS11Error) -> (session: TokenSession, key: TokenKey) {
        let session = try access.openSession()
        let opened = (session, try TokenKey(access.uri, in: session))
        current = opened
        return opened
    }
}
