// SPDX-License-Identifier: Apache-2.0
import Cryptography

/// File keys of revisions 5 and 6, which a password unwraps (ISO 32000-2, 7.6.4.3.3, Algorithm 2.A).
struct ModernKey {
    private static let zeroVector = [UInt8](repeating: 0, count: AESCBC.blockByteCount)

    let dictionary: EncryptionDictionary

    /// The key when this is the user's password.
    func authenticate(user password: [UInt8]) -> [UInt8]? {
        unwrap(password, entry: dictionary.userEntry, wrapped: dictionary.wrappedKeys.user, context: [])
    }

    /// The key when this is the owner's password.
    func authenticate(owner password: [UInt8]) -> [UInt8]? {
        unwrap(
            password, entry: dictionary.ownerEntry, wrapped: dictionary.wrappedKeys.owner,
            context: dictionary.userEntry)
    }

    /// An entry is a 32-byte hash, the salt that it is checked with, and the salt of the wrapping key.
    private func unwrap(_ password: [UInt8], entry: [UInt8], wrapped: [UInt8], context: [UInt8]) -> [UInt8]? {
        let check = hash(password, salt: entry[32..<40], context: context)
        guard ConstantTime.isEqual(check, Array(entry[..<32])) else { return nil }
        let key = hash(password, salt: entry[40..<48], context: context)
        return AESCBC.decrypt(wrapped[...], key: key, vector: Self.zeroVector[...])
    }

    /// SHA-256 alone in revision 5, Algorithm 2.B in revision 6.
    private func hash(_ password: [UInt8], salt: ArraySlice<UInt8>, context: [UInt8]) -> [UInt8] {
        var key = SHA256.digest(of: password + salt + context)
        guard dictionary.revision == 6 else { return key }
        var round = 0
        var last: UInt8 = 0
        // At most 287 rounds: the last byte ends the loop once it is not above the number of rounds less 32.
        while round < 64 || Int(last) > round - 32 {
            let unit = password + key + context
            var input: [UInt8] = []
            input.reserveCapacity(unit.count * 64)
            for _ in 0..<64 { input += unit }
            let output = AESCBC.encrypt(input, key: Array(key[..<16]), vector: Array(key[16..<32]))
            // The first 16 bytes as a number modulo 3: 256 leaves 1, so the sum of the bytes has the same remainder.
            switch output[..<16].reduce(0, { $0 + Int($1) }) % 3 {
            case 0: key = DigestAlgorithm.sha256.digest(of: output)
            case 1: key = DigestAlgorithm.sha384.digest(of: output)
            default: key = DigestAlgorithm.sha512.digest(of: output)
            }
            last = output[output.count - 1]
            round += 1
        }
        return Array(key[..<32])
    }
}
