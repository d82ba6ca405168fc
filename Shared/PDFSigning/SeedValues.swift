// SPDX-License-Identifier: Apache-2.0
import Cryptography
import PDFSyntax

/// What the author of a signature field demands of its signature (`/SV`; ISO 32000-2, 12.7.5.5, Table 237).
///
/// Only what `/Ff` calls required counts, and `/MDP`, which always does; the rest are suggestions.
struct SeedValues {
    /// Bits of `/Ff`.
    private enum Flag: Int {
        case filter = 1
        case subFilter = 2
        case version = 4
        case reasons = 8
        case legalAttestation = 16
        case revocationInformation = 32
        case digestMethod = 64
        case lockDocument = 128
        case appearanceFilter = 256
    }

    /// The parser capability that PDF 2.0 defines last.
    private static let knownVersion = 3

    private let dictionary: PDFDictionary
    private let document: PDFDocument
    private let flags: Int

    /// Nil for a field without demands.
    init?(of field: PDFDictionary, in document: PDFDocument) throws(PDFError) {
        guard let dictionary = try document.resolved(field["SV"]).dictionaryValue else { return nil }
        self.dictionary = dictionary
        self.document = document
        flags = try document.resolved(dictionary["Ff"]).integerValue ?? 0
    }

    /// - Throws: `PDFError` with `unsupported`, naming the demand that the signature would not meet.
    func check(_ request: SignatureRequest, credential: SigningCredential, isTimestamped: Bool) throws(PDFError) {
        try checkCertification(request.certification)
        if requires(.filter), try value("Filter").nameValue != "Adobe.PPKLite" { throw unmet("Filter") }
        if requires(.subFilter) {
            let names = try elements("SubFilter").compactMap(\.nameValue)
            guard names.contains("ETSI.CAdES.detached") else { throw unmet("SubFilter") }
        }
        if requires(.version), let version = try value("V").numberValue, version > Double(Self.knownVersion) {
            throw unmet("V")
        }
        if requires(.digestMethod) {
            let names = try elements("DigestMethod").compactMap(\.stringValue).map {
                PDFSerializer.text(of: $0).uppercased()
            }
            guard names.contains(credential.algorithm.digest.rawValue.uppercased()) else {
                throw unmet("DigestMethod")
            }
        }
        try checkReason(request.reason)
        if requires(.legalAttestation), request.certification != nil { throw unmet("LegalAttestation") }
        // Revocation information inside the CMS is what PAdES forbids (EN 319 142-1, 6.3).
        if requires(.revocationInformation), try value("AddRevInfo") == .bool(true) { throw unmet("AddRevInfo") }
        if requires(.lockDocument), try value("LockDocument").nameValue == "true" { throw unmet("LockDocument") }
        if requires(.appearanceFilter), try value("AppearanceFilter") != .null { throw unmet("AppearanceFilter") }
        if !isTimestamped, let timestamp = try value("TimeStamp").dictionaryValue,
            try (document.resolved(timestamp["Ff"]).integerValue ?? 0) & 1 != 0
        {
            throw unmet("TimeStamp")
        }
        if let certificate = try value("Cert").dictionaryValue { try check(certificate, credential) }
    }

    private func checkCertification(_ level: CertificationLevel?) throws(PDFError) {
        guard let mdp = try value("MDP").dictionaryValue, let demanded = try document.resolved(mdp["P"]).integerValue
        else { return }
        guard demanded == level?.rawValue ?? 0 else { throw unmet("MDP") }
    }

    private func checkReason(_ reason: String?) throws(PDFError) {
        guard requires(.reasons) else { return }
        let allowed = try elements("Reasons").compactMap(\.stringValue).map(PDFSerializer.text(of:))
        // An empty list, or a full stop alone, forbids any reason.
        let isForbidden = allowed.isEmpty || allowed == ["."]
        guard isForbidden ? reason == nil : reason.map(allowed.contains) == true else { throw unmet("Reasons") }
    }

    // MARK: Certificates

    /// Table 238.
    private func check(_ demands: PDFDictionary, _ credential: SigningCredential) throws(PDFError) {
        let flags = try document.resolved(demands["Ff"]).integerValue ?? 0
        guard flags != 0, let leaf = credential.chain.first else { return }
        if flags & 1 != 0, try !certificates(demands["Subject"]).contains(leaf.der) { throw unmet("Cert, /Subject") }
        if flags & 2 != 0 {
            let issuers = try certificates(demands["Issuer"])
            guard credential.chain.contains(where: { issuers.contains($0.der) }) else {
                throw unmet("Cert, /Issuer")
            }
        }
        if flags & 4 != 0, demands["OID"] != nil { throw unmet("Cert, /OID") }
        if flags & 8 != 0, demands["SubjectDN"] != nil { throw unmet("Cert, /SubjectDN") }
        if flags & 32 != 0 {
            let patterns = try document.resolved(demands["KeyUsage"]).arrayValue?.compactMap(\.stringValue) ?? []
            guard patterns.isEmpty || patterns.contains(where: { Self.matches($0, leaf.keyUsage) }) else {
                throw unmet("Cert, /KeyUsage")
            }
        }
    }

    private func certificates(_ object: PDFObject?) throws(PDFError) -> [[UInt8]] {
        var result: [[UInt8]] = []
        for element in try document.resolved(object).arrayValue ?? [] {
            if let der = try document.resolved(element).stringValue { result.append(der) }
        }
        return result
    }

    /// "1" must be set, "0" must not; one letter for each bit from digitalSignature to decipherOnly.
    private static func matches(_ pattern: [UInt8], _ usage: KeyUsage?) -> Bool {
        let bits: [UInt32] = [0x80, 0x40, 0x20, 0x10, 0x08, 0x04, 0x02, 0x01, 0x8000]
        return zip(pattern, bits).allSatisfy { letter, bit in
            let isSet = (usage?.rawValue ?? 0) & bit != 0
            switch letter {
            case UInt8(ascii: "1"): return isSet
            case UInt8(ascii: "0"): return !isSet
            default: return true
            }
        }
    }

    // MARK: Reading

    private func requires(_ flag: Flag) -> Bool {
        flags & flag.rawValue != 0
    }

    private func value(_ key: String) throws(PDFError) -> PDFObject { try document.resolved(dictionary[key]) }

    private func elements(_ key: String) throws(PDFError) -> [PDFObject] {
        var result: [PDFObject] = []
        for element in try value(key).arrayValue ?? [] { result.append(try document.resolved(element)) }
        return result
    }

    private func unmet(_ key: String) -> PDFError {
        PDFError(
            .unsupported, "The signature field demands what this signature would not have (seed value /\(key)).")
    }
}
