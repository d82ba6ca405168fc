// SPDX-License-Identifier: Apache-2.0
import Cryptography
import PDFSyntax

/// The certificates and revocation data that a document carries, each with its place in the file.
///
/// The place tells which document timestamp proves that a piece existed (EN 319 102-1, 5.6.2.3).
struct ValidationData {
    /// Something that was read at an offset of the file.
    struct Placed<Value> {
        let value: Value
        let offset: Int
    }

    /// Entries of one array of the security store, and arrays of its VRI dictionary.
    private static let maximumCount = 256
    /// Certificates from all places together; real documents have some dozens.
    private static let maximumCertificates = 2_048
    /// Bytes of one certificate, response or list.
    private static let maximumBytes = 32 << 20

    private(set) var certificates: [Certificate] = []
    private(set) var responses: [Placed<OCSPResponse>] = []
    private(set) var lists: [Placed<RevocationList>] = []
    /// True when the catalog has a document security store.
    private(set) var hasStore = false
    private var known: Set<Certificate> = []

    /// Reads the document security store (ISO 32000-2, 12.8.4.3); what cannot be read is left out.
    init(_ document: PDFDocument) throws(PDFError) {
        guard let store = try Self.resolved(document.catalog["DSS"], document).dictionaryValue else { return }
        hasStore = true
        var seen: Set<PDFReference> = []
        try read(store, ["Certs", "OCSPs", "CRLs"], document, &seen)
        let related = try Self.resolved(store["VRI"], document).dictionaryValue ?? PDFDictionary()
        for entry in related.entries.prefix(Self.maximumCount) {
            guard let information = try Self.resolved(entry.value, document).dictionaryValue else { continue }
            try read(information, ["Cert", "OCSP", "CRL"], document, &seen)
        }
    }

    /// Adds what a signature carries itself.
    mutating func add(_ cms: ParsedCMS, at offset: Int) {
        add(cms.certificates)
        responses += cms.revocationData.responses.map { Placed(value: $0, offset: offset) }
        lists += cms.revocationData.lists.map { Placed(value: $0, offset: offset) }
    }

    /// Adds certificates of a timestamp or a signature dictionary.
    mutating func add(_ more: [Certificate]) {
        for certificate in more where certificates.count < Self.maximumCertificates {
            if known.insert(certificate).inserted { certificates.append(certificate) }
        }
    }

    private mutating func read(
        _ dictionary: PDFDictionary, _ keys: [String], _ document: PDFDocument, _ seen: inout Set<PDFReference>
    ) throws(PDFError) {
        for (kind, key) in keys.enumerated() {
            let elements = try Self.resolved(dictionary[key], document).arrayValue ?? []
            for element in elements.prefix(Self.maximumCount) {
                guard let reference = element.referenceValue, seen.insert(reference).inserted,
                    case .stream(let stream) = try Self.resolved(element, document),
                    let bytes = try Self.data(of: stream, document)
                else { continue }
                append(bytes, kind: kind, offset: stream.dataOffset)
            }
        }
    }

    private mutating func append(_ bytes: [UInt8], kind: Int, offset: Int) {
        switch kind {
        case 0: if let certificate = try? Certificate(der: bytes) { add([certificate]) }
        case 1:
            if let response = try? OCSPResponse(der: bytes) {
                responses.append(Placed(value: response, offset: offset))
            }
        default: if let list = try? RevocationList(der: bytes) { lists.append(Placed(value: list, offset: offset)) }
        }
    }

    /// Null for what is damaged; one bad entry must not hide the others.
    private static func resolved(_ object: PDFObject?, _ document: PDFDocument) throws(PDFError) -> PDFObject {
        try reading { () throws(PDFError) in try document.resolved(object) } ?? .null
    }

    /// Nil for a stream that cannot be decoded.
    private static func data(of stream: PDFStream, _ document: PDFDocument) throws(PDFError) -> [UInt8]? {
        let data = try reading { () throws(PDFError) in try document.data(of: stream) }
        return data.flatMap { $0.count <= maximumBytes ? $0 : nil }
    }

    private static func reading<R>(_ body: () throws(PDFError) -> R) throws(PDFError) -> R? {
        do throws(PDFError) {
            return try body()
        } catch {
            guard error.code != .sourceUnreadable else { throw error }
            return nil
        }
    }
}
