// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Cryptography
import FoundationEssentials

/// The bytes of one key file, or of one data key's slot in a segment (`KeySlot`).
///
/// Header: magic, version, protection, purpose (length and text), key id (16 bytes). A plain file goes on with the
/// content and the SHA-256 of all before it, which finds damage. A sealed file goes on with a nonce and the content
/// under AES-256-GCM; the associated data is the header and the owner, so that a file works only in its own place.
struct KeyFile {
    static let version: UInt8 = 1
    private static let magic = Array("PARAPHK".utf8)
    private static let plain: UInt8 = 0
    private static let sealed: UInt8 = 1

    let purpose: KeyPurpose
    let keyID: UUID
    let content: [UInt8]

    /// The file without encryption, for keys that stand at the top of a hierarchy.
    func plainBytes() -> [UInt8] {
        let bytes = header(Self.plain) + content
        return bytes + SHA256.digest(of: bytes)
    }

    /// The file under its hierarchy's master.
    func sealedBytes(under master: MasterKey, owner: [UInt8]) throws(KeysError) -> [UInt8] {
        let header = header(Self.sealed)
        // Random nonces are safe here: a master seals far fewer than the 2^32 messages of SP 800-38D, 8.3.
        let nonce = SecureRandom.bytes(AESGCM.nonceByteCount)
        return try ciphering { () throws(CryptographyError) in
            try header + nonce + master.sealer.seal(content[...], nonce: nonce, aad: header + owner)
        }
    }

    private func header(_ protection: UInt8) -> [UInt8] {
        let name = Array(purpose.rawValue.utf8)
        return Self.magic + [Self.version, protection, UInt8(name.count)] + name + keyID.bytes
    }

    /// Reads a plain file.
    /// - Throws: `KeysError.damaged` or `wrongPurpose`.
    init(plain bytes: [UInt8], purpose: KeyPurpose, path: String) throws(KeysError) {
        let parsed = try Self.parse(bytes, protection: Self.plain, purpose: purpose, path: path)
        let bodyEnd = bytes.count - SHA256.byteCount
        guard
            parsed.bodyStart <= bodyEnd,
            SHA256.digest(of: bytes[..<bodyEnd]) == Array(bytes[bodyEnd...])
        else { throw .damaged(path: path) }
        self.init(purpose: purpose, keyID: parsed.keyID, content: Array(bytes[parsed.bodyStart..<bodyEnd]))
    }

    /// Reads a sealed file.
    /// - Throws: `KeysError.damaged`, `wrongPurpose` or `cannotUnseal`.
    init(
        sealed bytes: [UInt8], purpose: KeyPurpose, under master: MasterKey, owner: [UInt8], path: String
    ) throws(KeysError) {
        let parsed = try Self.parse(bytes, protection: Self.sealed, purpose: purpose, path: path)
        let contentStart = parsed.bodyStart + AESGCM.nonceByteCount
        guard contentStart <= bytes.count else { throw .damaged(path: path) }
        let content: [UInt8]
        do throws(CryptographyError) {
            content = try master.opener.open(
                bytes[contentStart...], nonce: Array(bytes[parsed.bodyStart..<contentStart]),
                aad: Array(bytes[..<parsed.bodyStart]) + owner)
        } catch {
            throw .cannotUnseal(path: path)
        }
        self.init(purpose: purpose, keyID: parsed.keyID, content: content)
    }

    /// The key id that a sealed file says it has, without opening it.
    /// - Throws: `KeysError.damaged` or `wrongPurpose`.
    static func keyID(ofSealed bytes: [UInt8], purpose: KeyPurpose, path: String) throws(KeysError) -> UUID {
        try parse(bytes, protection: sealed, purpose: purpose, path: path).keyID
    }

    init(purpose: KeyPurpose, keyID: UUID, content: [UInt8]) {
        self.purpose = purpose
        self.keyID = keyID
        self.content = content
    }

    private static func parse(
        _ bytes: [UInt8], protection: UInt8, purpose: KeyPurpose, path: String
    ) throws(KeysError) -> (keyID: UUID, bodyStart: Int) {
        let nameStart = magic.count + 3
        guard
            bytes.count > nameStart, bytes.starts(with: magic), bytes[magic.count] == version,
            bytes[magic.count + 1] == protection
        else { throw .damaged(path: path) }
        let nameEnd = nameStart + Int(bytes[magic.count + 2])
        let bodyStart = nameEnd + 16
        guard bodyStart <= bytes.count, let keyID = UUID(bytes: bytes[nameEnd..<bodyStart]) else {
            throw .damaged(path: path)
        }
        guard bytes[nameStart..<nameEnd].elementsEqual(purpose.rawValue.utf8) else {
            throw .wrongPurpose(path: path, expected: purpose)
        }
        return (keyID, bodyStart)
    }
}

/// A key that seals others: its schedule is computed once, its bytes are not kept.
struct MasterKey: Sendable {
    let sealer: AESGCMSealer
    let opener: AESGCMOpener

    init(_ bytes: [UInt8]) throws(KeysError) {
        (sealer, opener) = try ciphering { () throws(CryptographyError) in
            (try AESGCMSealer(key: bytes), try AESGCMOpener(key: bytes))
        }
    }
}
