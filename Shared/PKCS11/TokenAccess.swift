// SPDX-License-Identifier: Apache-2.0
import CPKCS11
import Synchronization

/// How to reach one key: what every session of it is opened with.
final class TokenAccess: Sendable {
    private enum PIN {
        /// Nil asks the token's own keypad, if it has one.
        case usable([UInt8]?)
        /// A second try could lock the token.
        case spent(PKCS11Error)
    }

    let module: PKCS11Module
    let uri: PKCS11URI
    private let pin: Mutex<PIN>

    init(uri: PKCS11URI, pin: [UInt8]?) throws(PKCS11Error) {
        module = try PKCS11Module.load(uri.modulePath)
        self.uri = uri
        self.pin = Mutex(.usable(pin))
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
        // One login at a time: with a wrong PIN, sessions side by side would lock the token.
        let result = pin.withLock { state -> Result<Void, PKCS11Error> in
            let text: [UInt8]?
            switch state {
            case .spent(let error): return .failure(error)
            case .usable(let value): text = value
            }
            if text == nil, let token, token.flags & CKF_PROTECTED_AUTHENTICATION_PATH == 0 {
                return .failure(.pinMissing)
            }
            do throws(PKCS11Error) {
                try session.logIn(asUserType: type, pin: text)
                return .success(())
            } catch {
                if error == .pinRefused || error == .pinLocked { state = .spent(error) }
                return .failure(error)
            }
        }
        try result.get()
    }
}
