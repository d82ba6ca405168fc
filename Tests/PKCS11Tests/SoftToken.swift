// SPDX-License-Identifier: Apache-2.0
import CPKCS11
import TestSupport

@testable import PKCS11

/// A SoftHSM2 token of this process alone, with keys that were made inside it.
final class SoftToken: @unchecked Sendable {
    static let modulePath = TestToken.installedModule
    static let pin = TestToken.pin

    struct Failure: Error { let step: String }

    let label: String
    let functions: UnsafeMutablePointer<paraph_pkcs11>
    private let session: ck_session_handle_t

    /// A new token with a read-write session of the user; these stay until the process ends.
    init(_ label: String) throws {
        _ = try TestToken.folder.get()
        try TestToken.utility([
            "--init-token", "--free", "--label", label, "--pin", Self.pin, "--so-pin", "12345678",
        ])
        self.label = label
        let module = try PKCS11Module.load(Self.modulePath)
        functions = module.functions
        // Another process made the token; a module that runs already does not look again.
        _ = functions.pointee.C_Finalize(nil)
        try module.start()
        session = try Self.openSession(functions, slot: try module.slot(of: Self.attributes(label)).slot)
        var pin = Array(Self.pin.utf8)
        try Self.require(functions.pointee.C_Login(session, CKU_USER, &pin, UInt(pin.count)), "C_Login")
    }

    static func attributes(_ label: String) -> PKCS11URI.TokenAttributes {
        var attributes = PKCS11URI.TokenAttributes()
        attributes.label = label
        return attributes
    }

    static func openSession(
        _ functions: UnsafeMutablePointer<paraph_pkcs11>, slot: UInt
    ) throws -> ck_session_handle_t {
        var session: ck_session_handle_t = 0
        try require(
            functions.pointee.C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, nil, nil, &session),
            "C_OpenSession")
        return session
    }

    static func require(_ code: UInt?, _ step: String) throws {
        guard code == CKR_OK else { throw Failure(step: "\(step): \(code ?? .max)") }
    }

    func uri(_ key: String) throws -> PKCS11URI {
        try PKCS11URI("pkcs11:token=\(label);object=\(key)?module-path=\(Self.modulePath)")
    }

    // MARK: Objects

    enum Kind {
        case rsa(Int)
        /// DER of the curve's object identifier.
        case curve([UInt8])

        static let p256 = Kind.curve([0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07])
        static let p384 = Kind.curve([0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x22])
        static let p521 = Kind.curve([0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x23])
    }

    /// Makes a key pair whose private half is sign-only, sensitive and non-extractable but for what `changed` says.
    /// - Returns: The handles of public and private key.
    @discardableResult
    func makeKey(
        _ name: String, _ kind: Kind, id: UInt8, changed: [UInt: Bool] = [:]
    ) throws -> (publicKey: ck_object_handle_t, privateKey: ck_object_handle_t) {
        var common = Template()
        common.add(CKA_LABEL, Array(name.utf8))
        common.add(CKA_ID, [id])
        common.add(CKA_TOKEN, true)
        var privateHalf = common
        var flags: [UInt: Bool] = [
            CKA_PRIVATE: true, CKA_SENSITIVE: true, CKA_EXTRACTABLE: false, CKA_SIGN: true, CKA_DECRYPT: false,
            CKA_UNWRAP: false, CKA_DERIVE: false,
        ]
        flags.merge(changed) { $1 }
        for (type, isSet) in flags { privateHalf.add(type, isSet) }
        var publicHalf = common
        publicHalf.add(CKA_VERIFY, true)
        let mechanism: UInt
        switch kind {
        case .rsa(let bits):
            mechanism = CKM_RSA_PKCS_KEY_PAIR_GEN
            publicHalf.add(CKA_MODULUS_BITS, number: UInt(bits))
            publicHalf.add(CKA_PUBLIC_EXPONENT, [1, 0, 1])
        case .curve(let parameters):
            mechanism = CKM_EC_KEY_PAIR_GEN
            publicHalf.add(CKA_EC_PARAMS, parameters)
        }
        var chosen = ck_mechanism(mechanism: mechanism, parameter: nil, parameter_len: 0)
        var handles: (ck_object_handle_t, ck_object_handle_t) = (0, 0)
        let code = publicHalf.withAttributes { publicAttributes, publicCount in
            privateHalf.withAttributes { privateAttributes, privateCount in
                functions.pointee.C_GenerateKeyPair(
                    session, &chosen, publicAttributes, publicCount, privateAttributes, privateCount, &handles.0,
                    &handles.1)
            }
        }
        try Self.require(code, "C_GenerateKeyPair")
        return (handles.0, handles.1)
    }

    func storeCertificate(_ der: [UInt8], subject: [UInt8], id: UInt8) throws {
        var template = Template()
        template.add(CKA_CLASS, number: CKO_CERTIFICATE)
        template.add(CKA_CERTIFICATE_TYPE, number: CKC_X_509)
        template.add(CKA_TOKEN, true)
        template.add(CKA_ID, [id])
        template.add(CKA_SUBJECT, subject)
        template.add(CKA_VALUE, der)
        var object: ck_object_handle_t = 0
        let code = template.withAttributes { functions.pointee.C_CreateObject(session, $0, $1, &object) }
        try Self.require(code, "C_CreateObject")
    }

    func value(_ type: UInt, of object: ck_object_handle_t) -> (code: UInt, bytes: [UInt8]) {
        var bytes = [UInt8](repeating: 0, count: 4_096)
        var attribute = ck_attribute(type: type, value: nil, value_len: UInt(bytes.count))
        let code = bytes.withUnsafeMutableBytes { buffer in
            attribute.value = buffer.baseAddress
            return functions.pointee.C_GetAttributeValue(session, object, &attribute, 1)
        }
        return (code, code == CKR_OK ? Array(bytes.prefix(Int(attribute.value_len))) : [])
    }

    // MARK: What a signing key must not do

    func decryptCode(_ key: ck_object_handle_t) -> UInt? {
        var mechanism = ck_mechanism(mechanism: CKM_RSA_PKCS, parameter: nil, parameter_len: 0)
        return functions.pointee.C_DecryptInit(session, &mechanism, key)
    }

    /// Unwraps with the key itself.
    func unwrapCode(_ key: ck_object_handle_t) -> UInt? {
        var mechanism = ck_mechanism(mechanism: CKM_RSA_PKCS, parameter: nil, parameter_len: 0)
        var wrapped = [UInt8](repeating: 7, count: 256)
        var template = Template()
        template.add(CKA_CLASS, number: CKO_SECRET_KEY)
        template.add(CKA_KEY_TYPE, number: CKK_AES)
        var object: ck_object_handle_t = 0
        return template.withAttributes { attributes, count in
            functions.pointee.C_UnwrapKey(
                session, &mechanism, key, &wrapped, UInt(wrapped.count), attributes, count, &object)
        }
    }

    /// Wraps the key under a new AES key, which is how keys are carried out of a token.
    func wrapCode(_ key: ck_object_handle_t) throws -> UInt? {
        var template = Template()
        template.add(CKA_VALUE_LEN, number: 32)
        template.add(CKA_WRAP, true)
        template.add(CKA_TOKEN, false)
        var generation = ck_mechanism(mechanism: CKM_AES_KEY_GEN, parameter: nil, parameter_len: 0)
        var wrapping: ck_object_handle_t = 0
        try Self.require(
            template.withAttributes { functions.pointee.C_GenerateKey(session, &generation, $0, $1, &wrapping) },
            "C_GenerateKey")
        var mechanism = ck_mechanism(mechanism: CKM_AES_KEY_WRAP_PAD, parameter: nil, parameter_len: 0)
        var output = [UInt8](repeating: 0, count: 8_192)
        var count = UInt(output.count)
        return functions.pointee.C_WrapKey(session, &mechanism, wrapping, key, &output, &count)
    }

    func makeExtractableCode(_ key: ck_object_handle_t) -> UInt? {
        var template = Template()
        template.add(CKA_EXTRACTABLE, true)
        return template.withAttributes { functions.pointee.C_SetAttributeValue(session, key, $0, $1) }
    }
}

/// Attributes with the storage they point into.
private struct Template {
    private var entries: [(type: UInt, value: [UInt8])] = []

    mutating func add(_ type: UInt, _ value: [UInt8]) { entries.append((type, value)) }
    mutating func add(_ type: UInt, _ isSet: Bool) { add(type, [isSet ? 1 : 0]) }
    mutating func add(_ type: UInt, number: UInt) { add(type, withUnsafeBytes(of: number) { Array($0) }) }

    func withAttributes<R>(_ body: (UnsafeMutablePointer<ck_attribute>?, UInt) -> R) -> R {
        var storage = entries.flatMap(\.value)
        return storage.withUnsafeMutableBytes { bytes in
            var offset = 0
            var attributes = entries.map { entry in
                defer { offset += entry.value.count }
                return ck_attribute(
                    type: entry.type, value: bytes.baseAddress.map { $0 + offset }, value_len: UInt(entry.value.count))
            }
            return attributes.withUnsafeMutableBufferPointer { body($0.baseAddress, UInt($0.count)) }
        }
    }
}
