// SPDX-License-Identifier: Apache-2.0
import Cryptography

/// How a document is encrypted, with its key; there is one only for a document whose password was right.
package struct DocumentEncryption: Sendable {
    /// `/V`: 1, 2, 4 or 5 (ISO 32000-2, Table 20).
    package let version: Int
    /// `/R`: 2 to 6 (Table 21).
    package let revision: Int
    /// `/P` (Table 22), for information: what a signature needs is decided elsewhere.
    package let permissions: UInt32
    /// Whether the password given was the owner's.
    package let isOpenedAsOwner: Bool
    /// How most of the document is encrypted.
    package let streamMethod: CipherMethod
    /// `/EncryptMetadata`: whether the metadata stream is encrypted as all others are, which it is unless stated.
    package let encryptsMetadata: Bool

    let cipher: ObjectCipher
    /// The encryption dictionary, whose own strings are not encrypted; nil for one inside the trailer.
    let reference: PDFReference?

    /// Finds the key of a document, or nil for one that is not encrypted.
    /// - Throws: `PDFError` with `encrypted` when no password fits or the handler is not a known one.
    init?(_ reader: ObjectReader, password: String?) throws(PDFError) {
        let trailers = reader.sections.map(\.trailer)
        guard let index = trailers.firstIndex(where: { $0["Encrypt"] != nil && $0["Encrypt"] != .null }) else {
            return nil
        }
        // An update copies the newest trailer; readers that look only there would take the rest for unencrypted.
        guard index == 0 else {
            throw .damaged("An older trailer says that the document is encrypted, but the newest does not.")
        }
        reference = trailers[0]["Encrypt"]?.referenceValue
        let dictionary = try EncryptionDictionary(Self.resolvedDictionary(trailers[0]["Encrypt"], reader))
        var identifier: [UInt8] = []
        for trailer in trailers {
            guard case .array(let strings) = try reader.resolved(trailer["ID"] ?? .null) else { continue }
            identifier = try reader.resolved(strings.first ?? .null).stringValue ?? []
            break
        }
        let found = try Self.key(dictionary, identifier: identifier, password: password)
        version = dictionary.version
        revision = dictionary.revision
        permissions = dictionary.permissions
        isOpenedAsOwner = found.isOwner
        streamMethod = dictionary.methods.streams
        encryptsMetadata = dictionary.encryptsMetadata
        cipher = try ObjectCipher(dictionary: dictionary, fileKey: found.key)
    }

    /// The dictionary with its values and crypt filters resolved.
    private static func resolvedDictionary(_ object: PDFObject?, _ reader: ObjectReader) throws(PDFError)
        -> PDFDictionary
    {
        guard case .dictionary(let dictionary) = try reader.resolved(object ?? .null) else {
            throw .damaged("The encryption dictionary is missing.")
        }
        var entries: [(key: String, value: PDFObject)] = []
        for (key, value) in dictionary.entries {
            var value = try reader.resolved(value)
            if key == "CF", let filters = value.dictionaryValue {
                var resolved: [(key: String, value: PDFObject)] = []
                for filter in filters.entries { resolved.append((filter.key, try reader.resolved(filter.value))) }
                value = .dictionary(PDFDictionary(resolved))
            }
            entries.append((key, value))
        }
        return PDFDictionary(entries)
    }

    // MARK: Passwords

    private typealias Check = (_ password: [UInt8], _ isOwner: Bool) -> [UInt8]?

    /// An empty password opens a document for everybody, so a wrong one given beside it does no harm.
    private static func key(
        _ dictionary: EncryptionDictionary, identifier: [UInt8], password: String?
    ) throws(PDFError) -> (key: [UInt8], isOwner: Bool) {
        let checks = try checks(dictionary, identifier: identifier)
        var candidates: [[UInt8]] = []
        if let password {
            candidates =
                dictionary.revision >= 5 ? PasswordEncoding.modern(password) : PasswordEncoding.legacy(password)
        }
        candidates.removeAll(where: \.isEmpty)
        // The owner's comes first only so that it is known as such: every password leads to the same key.
        let attempts = candidates.map { ($0, true) } + [([], false), ([], true)] + candidates.map { ($0, false) }
        for (candidate, isOwner) in attempts {
            if let key = checks.lazy.compactMap({ $0(candidate, isOwner) }).first { return (key, isOwner) }
        }
        guard password == nil else {
            throw PDFError(.encrypted, "The password is neither the user's nor the owner's password of the document.")
        }
        throw PDFError(.encrypted, "The document is encrypted, and opening it needs a password.")
    }

    private static func checks(
        _ dictionary: EncryptionDictionary, identifier: [UInt8]
    ) throws(PDFError) -> [Check] {
        if dictionary.revision >= 5 {
            let key = ModernKey(dictionary: dictionary)
            return [{ $1 ? key.authenticate(owner: $0) : key.authenticate(user: $0) }]
        }
        let ciphers = try LegacyCiphers.loadedForDocument()
        return dictionary.keyByteCounts.map { count in
            let key = LegacyKey(
                dictionary: dictionary, fileIdentifier: identifier, keyByteCount: count, ciphers: ciphers)
            return { $1 ? key.authenticate(owner: $0) : key.authenticate(user: $0) }
        }
    }

    // MARK: Objects

    /// An object of the file in clear; the data of a stream is decrypted when it is read.
    func decrypted(_ object: PDFObject, at address: PDFReference) -> PDFObject {
        guard address != reference else { return object }
        let clear = cipher.transformed(object, at: address, isEncrypting: false)
        guard case .stream(var stream) = clear else { return clear }
        stream.owner = address
        return .stream(stream)
    }

    /// The data of a stream that `decrypted(_:at:)` gave, before its filters.
    func decrypted(_ data: ArraySlice<UInt8>, of stream: PDFStream) -> ArraySlice<UInt8> {
        guard let owner = stream.owner else { return data }
        return cipher.decrypted(Array(data), of: stream.dictionary, at: owner)[...]
    }

    /// The data of a stream as it is written at an address.
    func encrypted(_ data: [UInt8], of dictionary: PDFDictionary, at address: PDFReference) -> [UInt8] {
        cipher.encrypted(data, of: dictionary, at: address)
    }

    /// The dictionary of a stream as it is written at an address; that of a cross-reference stream stays clear.
    func encrypted(streamDictionary: PDFDictionary, at address: PDFReference) -> PDFDictionary {
        let stream = PDFObject.stream(PDFStream(dictionary: streamDictionary, dataOffset: 0))
        return cipher.transformed(stream, at: address, isEncrypting: true).dictionaryValue ?? streamDictionary
    }

    /// An object without stream data as it is written at an address.
    func encrypted(_ object: PDFObject, at address: PDFReference) -> PDFObject {
        address == reference ? object : cipher.transformed(object, at: address, isEncrypting: true)
    }
}

extension LegacyCiphers {
    /// The same with the sentence for the person whose document needs it.
    static func loadedForDocument() throws(PDFError) -> LegacyCiphers {
        do throws(CryptographyError) {
            return try loaded()
        } catch {
            throw PDFError(
                .encrypted, "The document is encrypted with RC4 or MD5, which this installation cannot compute.")
        }
    }
}
