// SPDX-License-Identifier: Apache-2.0
import Cryptography

/// Encrypts and decrypts the strings and streams of single objects (ISO 32000-2, 7.6.3).
struct ObjectCipher: Sendable {
    private let fileKey: [UInt8]
    private let vectorKey: [UInt8]
    private let methods: (streams: CipherMethod, strings: CipherMethod, embeddedFiles: CipherMethod)
    private let filters: [String: CipherMethod]
    private let encryptsMetadata: Bool
    /// Nil where all keys are the file key itself.
    private let ciphers: LegacyCiphers?

    init(dictionary: EncryptionDictionary, fileKey: [UInt8]) throws(PDFError) {
        self.fileKey = fileKey
        methods = dictionary.methods
        filters = dictionary.filters
        encryptsMetadata = dictionary.encryptsMetadata
        vectorKey = HKDF.derive(key: fileKey, info: Array("paraph pdf cbc vector".utf8), byteCount: 32)
        ciphers = dictionary.version == 5 ? nil : try .loadedForDocument()
    }

    // MARK: Strings

    /// The object with each of its strings encrypted or decrypted.
    func transformed(_ object: PDFObject, at address: PDFReference, isEncrypting: Bool) -> PDFObject {
        guard methods.strings != .identity else { return object }
        let key = objectKey(address, methods.strings)
        return transformed(object) { bytes in
            isEncrypting
                ? encrypted(bytes, methods.strings, key, address) : decrypted(bytes, methods.strings, key)
        }
    }

    private func transformed(_ object: PDFObject, _ change: ([UInt8]) -> [UInt8]) -> PDFObject {
        switch object {
        case .string(let bytes): .string(change(bytes))
        case .array(let elements): .array(elements.map { transformed($0, change) })
        case .dictionary(let dictionary): .dictionary(transformed(dictionary, change))
        case .stream(let stream) where stream.isCrossReference: object
        case .stream(let stream):
            .stream(stream.replacing(dictionary: transformed(stream.dictionary, change)))
        case .null, .bool, .integer, .real, .name, .reference: object
        }
    }

    /// The `/Contents` of a signature dictionary stays clear (7.6.2): it is known by its byte range.
    private func transformed(_ dictionary: PDFDictionary, _ change: ([UInt8]) -> [UInt8]) -> PDFDictionary {
        let isSignature = dictionary["ByteRange"] != nil
        return PDFDictionary(
            dictionary.entries.map { key, value in
                (key, isSignature && key == "Contents" ? value : transformed(value, change))
            })
    }

    // MARK: Streams

    /// The data of a stream in clear, before its filters.
    func decrypted(_ data: [UInt8], of dictionary: PDFDictionary, at address: PDFReference) -> [UInt8] {
        let method = method(of: dictionary)
        return decrypted(data, method, objectKey(address, method))
    }

    /// The data of a stream as it is written.
    func encrypted(_ data: [UInt8], of dictionary: PDFDictionary, at address: PDFReference) -> [UInt8] {
        let method = method(of: dictionary)
        return encrypted(data, method, objectKey(address, method), address)
    }

    private func method(of dictionary: PDFDictionary) -> CipherMethod {
        let type = dictionary["Type"]?.nameValue
        if type == "XRef" { return .identity }
        if let name = cryptFilter(of: dictionary) { return filters[name] ?? .identity }
        if type == "Metadata", !encryptsMetadata { return .identity }
        return type == "EmbeddedFile" ? methods.embeddedFiles : methods.streams
    }

    /// The name that a `/Crypt` filter gives, `Identity` where it gives none (Table 14); nil without such a filter.
    private func cryptFilter(of dictionary: PDFDictionary) -> String? {
        let names: [PDFObject]
        switch dictionary["Filter"] {
        case .array(let list): names = list
        case .some(let single): names = [single]
        case nil: return nil
        }
        guard let index = names.firstIndex(of: .name("Crypt")) else { return nil }
        let parameters: PDFObject? =
            switch dictionary["DecodeParms"] {
            case .array(let list): index < list.count ? list[index] : nil
            case let single: single
            }
        return parameters?.dictionaryValue?["Name"]?.nameValue ?? "Identity"
    }

    // MARK: Bytes

    /// Algorithm 1; with AES-256 the file key serves all objects (Algorithm 1.A).
    private func objectKey(_ address: PDFReference, _ method: CipherMethod) -> [UInt8] {
        guard let ciphers, method != .identity else { return fileKey }
        var input = fileKey
        for shift in [0, 8, 16] { input.append(UInt8(truncatingIfNeeded: address.number >> shift)) }
        for shift in [0, 8] { input.append(UInt8(truncatingIfNeeded: address.generation >> shift)) }
        if method == .aes128 { input += Array("sAlT".utf8) }
        return Array(ciphers.md5(input).prefix(min(fileKey.count + 5, 16)))
    }

    private func encrypted(
        _ bytes: [UInt8], _ method: CipherMethod, _ key: [UInt8], _ address: PDFReference
    ) -> [UInt8] {
        switch method {
        case .identity: return bytes
        case .rc4: return ciphers?.rc4(bytes, key: key) ?? bytes
        case .aes128, .aes256:
            let padding = AESCBC.blockByteCount - bytes.count % AESCBC.blockByteCount
            let padded = bytes + [UInt8](repeating: UInt8(padding), count: padding)
            let vector = vector(for: bytes, at: address)
            return vector + AESCBC.encrypt(padded, key: key, vector: vector)
        }
    }

    /// A vector that is not random, since equal requests must give equal bytes: the file is written again after a crash.
    ///
    /// CBC needs vectors that nobody can foresee and that do not repeat for different texts. This one is a
    /// pseudo-random function, under a key derived of the file key, of the address and the whole text: without the key
    /// nobody can foresee it, and it repeats only for the same text at the same address, which then shows no more than
    /// that the text is the same.
    private func vector(for text: [UInt8], at address: PDFReference) -> [UInt8] {
        var message: [UInt8] = []
        for value in [address.number, address.generation] {
            for shift in stride(from: 56, through: 0, by: -8) {
                message.append(UInt8(truncatingIfNeeded: value >> shift))
            }
        }
        return Array(HMACSHA256.code(for: message + text, key: vectorKey).prefix(AESCBC.blockByteCount))
    }

    /// What cannot be decrypted in full is cut to whole blocks, and padding that is none stays, as in other readers.
    private func decrypted(_ bytes: [UInt8], _ method: CipherMethod, _ key: [UInt8]) -> [UInt8] {
        switch method {
        case .identity: return bytes
        case .rc4: return ciphers?.rc4(bytes, key: key) ?? bytes
        case .aes128, .aes256:
            let block = AESCBC.blockByteCount
            guard bytes.count >= 2 * block else { return [] }
            let end = bytes.count - bytes.count % block
            var text = AESCBC.decrypt(bytes[block..<end], key: key, vector: bytes[..<block])
            if let padding = text.last, (1...UInt8(block)).contains(padding) { text.removeLast(Int(padding)) }
            return text
        }
    }
}
