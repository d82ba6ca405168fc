// SPDX-License-Identifier: Apache-2.0
import Cryptography

/// File keys of revisions 2 to 4, made of MD5 and RC4 (ISO 32000-2, 7.6.4.3 and 7.6.4.4).
struct LegacyKey {
    /// Algorithm 2, step a.
    private static let padding: [UInt8] = [
        0x28, 0xBF, 0x4E, 0x5E, 0x4E, 0x75, 0x8A, 0x41, 0x64, 0x00, 0x4E, 0x56, 0xFF, 0xFA, 0x01, 0x08, 0x2E, 0x2E,
        0x00, 0xB6, 0xD0, 0x68, 0x3E, 0x80, 0x2F, 0x0C, 0xA9, 0xFE, 0x64, 0x53, 0x69, 0x7A,
    ]

    let dictionary: EncryptionDictionary
    /// The first string of the trailer's `/ID`; empty where there is none.
    let fileIdentifier: [UInt8]
    let keyByteCount: Int
    let ciphers: LegacyCiphers

    /// The key when this is the user's password (Algorithm 6).
    func authenticate(user password: [UInt8]) -> [UInt8]? {
        let key = fileKey(Self.padded(password))
        guard dictionary.revision >= 3 else {
            return ConstantTime.isEqual(ciphers.rc4(Self.padding, key: key), dictionary.userEntry) ? key : nil
        }
        var check = ciphers.rc4(ciphers.md5(Self.padding + fileIdentifier), key: key)
        for round in UInt8(1)...19 { check = ciphers.rc4(check, key: key.map { $0 ^ round }) }
        // The other 16 bytes of /U are arbitrary (Algorithm 5, step f).
        return ConstantTime.isEqual(check, Array(dictionary.userEntry.prefix(16))) ? key : nil
    }

    /// The key when this is the owner's password, under which `/O` hides the user's (Algorithm 7).
    func authenticate(owner password: [UInt8]) -> [UInt8]? {
        var digest = ciphers.md5(Self.padded(password))
        if dictionary.revision >= 3 { for _ in 0..<50 { digest = ciphers.md5(digest) } }
        let key = Array(digest.prefix(keyByteCount))
        var hidden = dictionary.ownerEntry
        if dictionary.revision >= 3 {
            for round in (UInt8(1)...19).reversed() { hidden = ciphers.rc4(hidden, key: key.map { $0 ^ round }) }
        }
        return authenticate(user: ciphers.rc4(hidden, key: key))
    }

    /// Algorithm 2.
    private func fileKey(_ padded: [UInt8]) -> [UInt8] {
        var input = padded + dictionary.ownerEntry
        for shift in stride(from: 0, through: 24, by: 8) {
            input.append(UInt8(truncatingIfNeeded: dictionary.permissions >> shift))
        }
        input += fileIdentifier
        if dictionary.revision >= 4, !dictionary.encryptsMetadata { input += [0xFF, 0xFF, 0xFF, 0xFF] }
        var digest = ciphers.md5(input)
        if dictionary.revision >= 3 {
            for _ in 0..<50 { digest = ciphers.md5(Array(digest.prefix(keyByteCount))) }
        }
        return Array(digest.prefix(keyByteCount))
    }

    private static func padded(_ password: [UInt8]) -> [UInt8] { Array((password.prefix(32) + padding).prefix(32)) }
}
