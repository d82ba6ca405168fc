// SPDX-License-Identifier: Apache-2.0
import CPKCS11

/// One read-only session; it is used from one thread at a time and closed with its owner.
final class TokenSession {
    private static let maximumAttributeBytes = 64 << 10
    private static let maximumObjects = 256

    private let module: PKCS11Module
    private let handle: ck_session_handle_t

    init(module: PKCS11Module, slot: UInt) throws(PKCS11Error) {
        var handle: ck_session_handle_t = 0
        try check(
            module.functions.pointee.C_OpenSession(slot, CKF_SERIAL_SESSION, nil, nil, &handle), "C_OpenSession")
        self.module = module
        self.handle = handle
    }

    // Closing a token's last session logs out as well; a session that is gone already gives a code to ignore.
    deinit { _ = module.functions.pointee.C_CloseSession(handle) }

    func logIn(asUserType type: UInt, pin: [UInt8]?) throws(PKCS11Error) {
        var pin = pin
        let count = UInt(pin?.count ?? 0)
        let login = module.functions.pointee.C_Login
        let code =
            pin == nil
            ? login?(handle, type, nil, 0)
            : pin?.withUnsafeMutableBufferPointer {
                login?(handle, type, $0.baseAddress, count)
            }
        // The login counts for all sessions of the process with the token (PKCS#11, 5.6).
        guard let code = code ?? nil, code != CKR_USER_ALREADY_LOGGED_IN else { return }
        try check(code, "C_Login")
    }

    func objects(
        ofClass objectClass: UInt, label: [UInt8]? = nil, id: [UInt8]? = nil
    ) throws(PKCS11Error) -> [ck_object_handle_t] {
        let functions = module.functions
        try check(
            paraph_pkcs11_find(functions, handle, objectClass, label, label?.count ?? 0, id, id?.count ?? 0),
            "C_FindObjectsInit")
        defer { _ = functions.pointee.C_FindObjectsFinal(handle) }
        var objects = [ck_object_handle_t](repeating: 0, count: Self.maximumObjects)
        var found: [ck_object_handle_t] = []
        while found.count < Self.maximumObjects {
            var count: UInt = 0
            try check(
                functions.pointee.C_FindObjects(handle, &objects, UInt(objects.count), &count), "C_FindObjects")
            guard count > 0 else { break }
            found += objects.prefix(Int(clamping: count))
        }
        return found
    }

    /// Nil for an attribute that the object does not have or does not show.
    func attribute(_ type: UInt, of object: ck_object_handle_t) throws(PKCS11Error) -> [UInt8]? {
        var attribute = ck_attribute(type: type, value: nil, value_len: 0)
        let functions = module.functions
        let sizing = functions.pointee.C_GetAttributeValue(handle, object, &attribute, 1)
        guard sizing != CKR_ATTRIBUTE_TYPE_INVALID, sizing != CKR_ATTRIBUTE_SENSITIVE else { return nil }
        try check(sizing, "C_GetAttributeValue")
        guard attribute.value_len <= UInt(Self.maximumAttributeBytes) else { return nil }
        var value = [UInt8](repeating: 0, count: Int(attribute.value_len))
        let code = value.withUnsafeMutableBytes { buffer in
            attribute.value = buffer.baseAddress
            return functions.pointee.C_GetAttributeValue(handle, object, &attribute, 1)
        }
        try check(code, "C_GetAttributeValue")
        return Array(value.prefix(Int(attribute.value_len)))
    }

    /// A CK_BBOOL; an absent one is false.
    func flag(_ type: UInt, of object: ck_object_handle_t) throws(PKCS11Error) -> Bool {
        try attribute(type, of: object)?.first.map { $0 != 0 } ?? false
    }

    /// - Parameter confirm: Called between the start of the operation and its data.
    func sign(
        _ input: [UInt8], with key: ck_object_handle_t, mechanism: SigningMechanism,
        confirm: () throws(PKCS11Error) -> Void
    ) throws(PKCS11Error) -> [UInt8] {
        let functions = module.functions
        switch mechanism {
        case .plain(let type): try check(paraph_pkcs11_sign_init(functions, handle, key, type), "C_SignInit")
        case .pss(let digest, let mask, let saltBytes):
            try check(
                paraph_pkcs11_sign_init_pss(functions, handle, key, digest, mask, UInt(saltBytes)), "C_SignInit")
        }
        try confirm()
        var input = input
        // The largest is RSA-4096 with 512 bytes.
        var signature = [UInt8](repeating: 0, count: 1_024)
        var count = UInt(signature.count)
        try check(functions.pointee.C_Sign(handle, &input, UInt(input.count), &signature, &count), "C_Sign")
        return Array(signature.prefix(Int(clamping: count)))
    }
}
