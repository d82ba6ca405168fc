// SPDX-License-Identifier: Apache-2.0
import CPKCS11
import Cryptography
import Synchronization

/// How to reach one key: what every session of it is opened with.
final class TokenAccess: Sendable {
    /// A PIN and the token that refused it.
    private struct Attempt: Hashable {
        let modulePath: String
        let token: PKCS11URI.TokenAttributes
        let pinDigest: [UInt8]
    }

    /// Once for the process, whoever asks and however many keys the token has: a second try could lock it.
    private static let refused = Mutex<[Attempt: PKCS11Error]>([:])

    let module: PKCS11Module
    let uri: PKCS11URI
    /// Nil asks the token's own keypad, if it has one.
    private let pin: [UInt8]?

    init(uri: PKCS11URI, pin: [UInt8]?) throws(PKCS11Error) {
        module = try PKCS11Module.load(uri.modulePath)
        self.uri = uri
        self.pin = pin
    }

    /// A session with the user logged in; starts from the slots, since a token may come back in another one.
    func openSession() throws(PKCS11Error) -> TokenSession {
        try module.start()
        let (slot, token) = try module.slot(of: uri.token)
        let session = try TokenSession(module: module, slot: slot)
        if token.flags & CKF_LOGIN_REQUIRED != 0 { try logIn(session, asUserType: CKU_USER, token: token) }
        return session
    }

    /// Answers a key that wants the PIN for each signature (CKA_ALWAYS_AUTHENTICATE).
    func confirm(_ session: TokenSession) throws(PKCS11Error) {
        try logIn(session, asUserType: CKU_CONTEXT_SPECIFIC, token: nil)
    }

    private func logIn(_ session: TokenSession, asUserType type: UInt, token: ck_token_info?) throws(PKCS11Error) {
        if pin == nil, let token, token.flags & CKF_PROTECTED_AUTHENTICATION_PATH == 0 { throw .pinMissing }
        let attempt = Attempt(
            modulePath: uri.modulePath, token: uri.token, pinDigest: pin.map { SHA256.digest(of: $0) } ?? [])
        // One login at a time: with a wrong PIN, sessions side by side would lock the token.
        let result = Self.refused.withLock { refused -> Result<Void, PKCS11Error> in
            if let error = refused[attempt] { return .failure(error) }
            do throws(PKCS11Error) {
                try session.logIn(asUserType: type, pin: pin)
                return .success(())
            } catch {
                if error == .pinRefused || error == .pinLocked { refused[attempt] = error }
                return .failure(error)
            }
        }
        try result.get()
    }
}
