// SPDX-License-Identifier: Apache-2.0
import CPKCS11
import Glibc
import Synchronization

/// A loaded module and its table of functions.
///
/// Safe to share: the table is written by the module before `load` returns and never changed or unloaded afterwards, and
/// the module was started with CKF_OS_LOCKING_OK, so that its functions may be called from any thread (PKCS#11, 5.4).
final class PKCS11Module: @unchecked Sendable {
    /// A module can be started once in a process, so each is loaded once and stays.
    private static let loaded = Mutex<[String: PKCS11Module]>([:])

    let functions: UnsafeMutablePointer<paraph_pkcs11>

    private init(functions: UnsafeMutablePointer<paraph_pkcs11>) { self.functions = functions }

    static func load(_ path: String) throws(PKCS11Error) -> PKCS11Module {
        let result = loaded.withLock { modules -> Result<PKCS11Module, PKCS11Error> in
            if let module = modules[path] { return .success(module) }
            var code: UInt = 0
            guard let functions = paraph_pkcs11_load(path, &code) else {
                let reason =
                    code == CKR_OK
                    ? dlerror().map { String(cString: $0) } ?? "it cannot be loaded"
                    : "\(PKCS11Error.ReturnCode(rawValue: code))"
                return .failure(.moduleUnusable(path: path, reason: reason))
            }
            let module = PKCS11Module(functions: functions)
            modules[path] = module
            return .success(module)
        }
        return try result.get()
    }

    /// Starts the module; does nothing where somebody has already.
    func start() throws(PKCS11Error) {
        let code = paraph_pkcs11_initialize(functions)
        guard code != CKR_CRYPTOKI_ALREADY_INITIALIZED else { return }
        try check(code, "C_Initialize")
    }

    /// The one slot whose token fits.
    /// - Throws: `PKCS11Error`, `tokenMissing` or `tokenAmbiguous`.
    func slot(of wanted: PKCS11URI.TokenAttributes) throws(PKCS11Error) -> (slot: UInt, token: ck_token_info) {
        var fitting: [(UInt, ck_token_info)] = []
        for slot in try slots() where wanted.slot == nil || wanted.slot == slot {
            var token = ck_token_info()
            // A slot whose token was drawn in this moment does not fit.
            guard functions.pointee.C_GetTokenInfo(slot, &token) == CKR_OK else { continue }
            if wanted.fits(token) { fitting.append((slot, token)) }
        }
        guard let first = fitting.first else { throw .tokenMissing }
        guard fitting.count == 1 else { throw .tokenAmbiguous(fitting.count) }
        return first
    }

    private func slots() throws(PKCS11Error) -> [UInt] {
        // A token may be added between the two calls.
        for _ in 0..<3 {
            var count: UInt = 0
            // The call without a buffer also looks for new tokens (PKCS#11, 5.5).
            try check(functions.pointee.C_GetSlotList(1, nil, &count), "C_GetSlotList")
            var slots = [UInt](repeating: 0, count: Int(clamping: min(count, 4_096)))
            count = UInt(slots.count)
            let code = functions.pointee.C_GetSlotList(1, &slots, &count)
            if code == CKR_BUFFER_TOO_SMALL { continue }
            try check(code, "C_GetSlotList")
            return Array(slots.prefix(Int(clamping: count)))
        }
        throw .tokenMissing
    }
}

extension PKCS11URI.TokenAttributes {
    fileprivate func fits(_ token: ck_token_info) -> Bool {
        Self.fits(label, token.label) && Self.fits(manufacturer, token.manufacturer_id)
            && Self.fits(model, token.model) && Self.fits(serial, token.serial_number)
    }

    /// Fields of the structure are padded with blanks (PKCS#11, 3.2).
    private static func fits<Field>(_ wanted: String?, _ field: Field) -> Bool {
        guard let wanted else { return true }
        let bytes = withUnsafeBytes(of: field) { Array($0) }
        let end = bytes.lastIndex { $0 != 0x20 && $0 != 0 }.map { $0 + 1 } ?? 0
        return bytes[..<end].elementsEqual(wanted.utf8)
    }
}

/// Turns a CK_RV into a thrown error.
func check(_ code: UInt, _ operation: String) throws(PKCS11Error) {
    switch code {
    case CKR_OK: return
    case CKR_SESSION_HANDLE_INVALID, CKR_SESSION_CLOSED, CKR_DEVICE_REMOVED, CKR_TOKEN_NOT_PRESENT, CKR_DEVICE_ERROR,
        CKR_USER_NOT_LOGGED_IN, CKR_KEY_HANDLE_INVALID, CKR_OBJECT_HANDLE_INVALID, CKR_CRYPTOKI_NOT_INITIALIZED:
        throw .connectionLost(operation: operation, code: PKCS11Error.ReturnCode(rawValue: code))
    case CKR_PIN_INCORRECT, CKR_PIN_INVALID, CKR_PIN_LEN_RANGE, CKR_PIN_EXPIRED: throw .pinRefused
    case CKR_PIN_LOCKED: throw .pinLocked
    default: throw .refused(operation: operation, code: PKCS11Error.ReturnCode(rawValue: code))
    }
}
