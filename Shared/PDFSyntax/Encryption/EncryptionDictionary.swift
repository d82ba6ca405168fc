// SPDX-License-Identifier: Apache-2.0

/// What an encryption dictionary says (ISO 32000-2, 7.6.2 and 7.6.4.2), checked before any key is derived.
struct EncryptionDictionary: Sendable {
    /// `/V`.
    let version: Int
    /// `/R` of the standard security handler.
    let revision: Int
    /// Lengths of the file key in bytes that producers may have meant, the likeliest first; the password check decides.
    let keyByteCounts: [Int]
    /// `/O`: 32 bytes, or 48 from revision 5 on.
    let ownerEntry: [UInt8]
    /// `/U`, as long.
    let userEntry: [UInt8]
    /// `/OE` and `/UE` of revisions 5 and 6: the file key under a key of the owner's and of the user's password.
    let wrappedKeys: (owner: [UInt8], user: [UInt8])
    /// `/P`, taken as 32 bits whatever sign it was written with.
    let permissions: UInt32
    /// Whether metadata streams are encrypted like all others.
    let encryptsMetadata: Bool
    /// What applies to streams, to strings and to embedded files that name no filter of their own.
    let methods: (streams: CipherMethod, strings: CipherMethod, embeddedFiles: CipherMethod)
    /// The named crypt filters (7.6.6).
    let filters: [String: CipherMethod]

    /// Reads the dictionary; its values must be resolved already.
    init(_ dictionary: PDFDictionary) throws(PDFError) {
        let handler = dictionary["Filter"]?.nameValue ?? "none"
        guard handler == "Standard" else { throw Self.foreignHandler(handler, dictionary) }
        version = dictionary["V"]?.integerValue ?? 0
        revision = dictionary["R"]?.integerValue ?? 0
        guard Self.isKnown(version: version, revision: revision) else {
            throw PDFError(
                .encrypted, "The document is encrypted in a form that is not read here: V \(version), R \(revision).")
        }
        let entryBytes = revision >= 5 ? 48 : 32
        guard let owner = dictionary["O"]?.stringValue, let user = dictionary["U"]?.stringValue,
            owner.count >= entryBytes, user.count >= entryBytes, let permissions = dictionary["P"]?.integerValue
        else { throw .damaged("The encryption dictionary has no usable /O, /U and /P.") }
        ownerEntry = Array(owner.prefix(entryBytes))
        userEntry = Array(user.prefix(entryBytes))
        self.permissions = UInt32(truncatingIfNeeded: permissions)
        let ownerKey = Array((dictionary["OE"]?.stringValue ?? []).prefix(32))
        let userKey = Array((dictionary["UE"]?.stringValue ?? []).prefix(32))
        guard revision < 5 || (ownerKey.count == 32 && userKey.count == 32) else {
            throw .damaged("The encryption dictionary has no usable /OE and /UE.")
        }
        wrappedKeys = (ownerKey, userKey)
        // It means nothing before version 4 (Table 21).
        encryptsMetadata = version < 4 || dictionary["EncryptMetadata"] != .bool(false)
        keyByteCounts = Self.keyByteCounts(dictionary, version: version)
        filters = try Self.filters(dictionary, version: version)
        methods = try Self.methods(dictionary, version: version, filters: filters)
    }

    private static func isKnown(version: Int, revision: Int) -> Bool {
        switch version {
        case 1, 2: revision == 2 || revision == 3
        case 4: revision == 4
        case 5: revision == 5 || revision == 6
        default: false
        }
    }

    private static func foreignHandler(_ name: String, _ dictionary: PDFDictionary) -> PDFError {
        guard name == "Adobe.PubSec" || dictionary["Recipients"] != nil || dictionary["SubFilter"] != nil else {
            return PDFError(
                .encrypted,
                "The document is encrypted by a security handler that is not read here: \(name.prefix(40)).")
        }
        return PDFError(
            .encrypted,
            "The document is encrypted for the certificates of its recipients; only passwords are supported.")
    }

    private static func keyByteCounts(_ dictionary: PDFDictionary, version: Int) -> [Int] {
        let stated = [dictionary["Length"]?.integerValue, defaultFilter(dictionary)?["Length"]?.integerValue]
            .compactMap { $0 }.map { $0 >= 40 ? $0 / 8 : $0 }.filter { (5...16).contains($0) }
        switch version {
        case 1: return unique([5] + stated)
        case 2: return unique(stated + [5])
        case 4: return unique([16] + stated)
        default: return [32]
        }
    }

    private static func unique(_ numbers: [Int]) -> [Int] {
        numbers.enumerated().filter { !numbers[..<$0.offset].contains($0.element) }.map(\.element)
    }

    private static func defaultFilter(_ dictionary: PDFDictionary) -> PDFDictionary? {
        guard let name = dictionary["StmF"]?.nameValue else { return nil }
        return dictionary["CF"]?.dictionaryValue?[name]?.dictionaryValue
    }

    // MARK: Crypt filters

    private static func filters(
        _ dictionary: PDFDictionary, version: Int
    ) throws(PDFError) -> [String: CipherMethod] {
        guard version >= 4 else { return [:] }
        var filters: [String: CipherMethod] = [:]
        for (name, value) in dictionary["CF"]?.dictionaryValue?.entries ?? [] {
            guard let filter = value.dictionaryValue else { continue }
            switch filter["CFM"]?.nameValue {
            case nil, "None": filters[name] = .identity
            case "V2" where version == 4: filters[name] = .rc4
            case "AESV2" where version == 4: filters[name] = .aes128
            case "AESV3" where version == 5: filters[name] = .aes256
            case .some(let method):
                throw PDFError(
                    .encrypted, "A crypt filter uses a method that is not read here: \(method.prefix(40)).")
            }
        }
        filters["Identity"] = .identity
        return filters
    }

    private static func methods(
        _ dictionary: PDFDictionary, version: Int, filters: [String: CipherMethod]
    ) throws(PDFError) -> (streams: CipherMethod, strings: CipherMethod, embeddedFiles: CipherMethod) {
        guard version >= 4 else { return (.rc4, .rc4, .rc4) }
        func method(_ key: String, default name: String) throws(PDFError) -> (String, CipherMethod) {
            let name = dictionary[key]?.nameValue ?? name
            guard let method = filters[name] else {
                throw .damaged("The encryption dictionary names a crypt filter that it does not define.")
            }
            return (name, method)
        }
        let streams = try method("StmF", default: "Identity")
        let strings = try method("StrF", default: "Identity")
        return (streams.1, strings.1, try method("EFF", default: streams.0).1)
    }
}
