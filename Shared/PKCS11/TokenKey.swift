// SPDX-License-Identifier: Apache-2.0
import CPKCS11
import Cryptography

/// A private key as one session sees it; the handle is worth nothing in another.
struct TokenKey {
    let object: ck_object_handle_t
    let kind: KeyKind
    let id: [UInt8]?
    let wantsConfirmation: Bool
    let otherUses: [String]

    /// Finds the key and looks at what the token says of it.
    /// - Throws: `PKCS11Error`: `keyMissing`, `keyAmbiguous`, `keyUnsafe` or `unsupportedKey`.
    init(_ uri: PKCS11URI, in session: TokenSession) throws(PKCS11Error) {
        let found = try session.objects(ofClass: CKO_PRIVATE_KEY, label: uri.label, id: uri.id)
        guard let object = found.first else { throw .keyMissing }
        guard found.count == 1 else { throw .keyAmbiguous }
        guard try session.flag(CKA_SIGN, of: object) else { throw .keyUnsafe("CKA_SIGN is not set") }
        guard try session.flag(CKA_SENSITIVE, of: object) else {
            throw .keyUnsafe("CKA_SENSITIVE is not set, so it can be read in the clear")
        }
        guard try !session.flag(CKA_EXTRACTABLE, of: object) else {
            throw .keyUnsafe("CKA_EXTRACTABLE is set, so it can leave the token")
        }
        self.object = object
        kind = try Self.kind(of: object, in: session)
        id = try session.attribute(CKA_ID, of: object)
        wantsConfirmation = try session.flag(CKA_ALWAYS_AUTHENTICATE, of: object)
        var uses: [String] = []
        for (attribute, name) in [(CKA_DECRYPT, "decrypt"), (CKA_UNWRAP, "unwrap keys"), (CKA_DERIVE, "derive keys")]
        where try session.flag(attribute, of: object) {
            uses.append(name)
        }
        otherUses = uses
    }

    private static func kind(of object: ck_object_handle_t, in session: TokenSession) throws(PKCS11Error) -> KeyKind {
        // A CK_ULONG in the machine's own byte order, which is that of all machines we run on: least first.
        let type = try session.attribute(CKA_KEY_TYPE, of: object)?.reversed().reduce(UInt(0)) { $0 << 8 | UInt($1) }
        switch type {
        case CKK_RSA:
            let modulus = (try session.attribute(CKA_MODULUS, of: object) ?? []).drop { $0 == 0 }
            let bits = modulus.count * 8 - (modulus.first?.leadingZeroBitCount ?? 0)
            guard (2_048...4_096).contains(bits) else { throw .unsupportedKey("RSA keys have 2048 to 4096 bits") }
            return .rsa(bits: bits)
        case CKK_EC:
            switch try session.attribute(CKA_EC_PARAMS, of: object) {
            case [0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07]: return .p256
            case [0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x22]: return .p384
            case [0x06, 0x05, 0x2B, 0x81, 0x04, 0x00, 0x23]: return .p521
            default: throw .unsupportedKey("the curve is none of P-256, P-384 and P-521")
            }
        default: throw .unsupportedKey("it is neither an RSA nor an elliptic curve key")
        }
    }

    /// The certificate of the key, then those of its issuers that the token has; empty where it has none of the key.
    func certificates(in session: TokenSession) throws(PKCS11Error) -> [Certificate] {
        var all: [Certificate] = []
        var own: Certificate?
        for object in try session.objects(ofClass: CKO_CERTIFICATE) {
            guard let der = try session.attribute(CKA_VALUE, of: object), let certificate = try? Certificate(der: der)
            else { continue }
            all.append(certificate)
            if own == nil, id != nil, try session.attribute(CKA_ID, of: object) == id { own = certificate }
        }
        guard let own else { return [] }
        var chain = [own]
        while let last = chain.last, last.issuerDER != last.subjectDER, chain.count < 16,
            let issuer = all.first(where: { $0.subjectDER == last.issuerDER && last.isSigned(by: $0.publicKey) })
        {
            chain.append(issuer)
        }
        return chain
    }
}
