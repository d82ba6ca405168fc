// SPDX-License-Identifier: Apache-2.0
import PDFSyntax

/// What `paraph inspect` found in one document.
struct DocumentInspection {
    struct FieldFact {
        let name: String
        let type: String?
        let isSigned: Bool
    }

    struct SecurityStore {
        let certificates: Int
        let responses: Int
        let lists: Int
        let hasVRI: Bool
    }

    let path: String
    let size: Int
    let version: String
    let crossReference: String
    let encryption: DocumentEncryption?
    let pages: Int
    let revisions: [RevisionFact]
    let fields: [FieldFact]
    let signatures: [SignatureFact]
    let securityStore: SecurityStore?
    let conformance: String?
    let problems: [StructureProblem]

    /// - Throws: `PDFError` when the document is not one, or its source cannot be read; faults in parts of it are problems.
    init(_ document: PDFDocument, path: String) throws(PDFError) {
        self.path = path
        size = document.size
        var problems: [StructureProblem] = []
        let header = try document.bytes(0..<min(1_024, document.size))
        version = try Self.version(document, header: header)
        encryption = document.encryption
        let history = try document.revisionHistory()
        let newest = history.revisions.first?.sections ?? []
        let isHybrid = newest.contains { $0.trailer["XRefStm"] != nil }
        crossReference = isHybrid ? "hybrid" : document.crossReferenceForm == .table ? "table" : "stream"
        pages = Self.collecting(&problems) { () throws(PDFError) in try document.pages().count } ?? 0
        let form = Self.collecting(&problems) { () throws(PDFError) in try document.formFields() } ?? []
        fields = form.filter { $0.type != nil }.map { FieldFact(name: $0.name, type: $0.type, isSigned: $0.isSigned) }
        var signatures: [SignatureFact] = []
        for field in form where field.isSigned {
            let fact = Self.collecting(&problems) { () throws(PDFError) in try SignatureFact(field, in: document) }
            if let fact { signatures.append(fact) }
        }
        self.signatures = signatures
        revisions = try RevisionFact.list(history, of: document, form: form)
        securityStore = Self.collecting(&problems) { () throws(PDFError) in try Self.store(document) } ?? nil
        conformance = Self.collecting(&problems) { () throws(PDFError) in try Self.conformance(document) } ?? nil
        problems += try StructureProblem.find(in: document, history: history, header: header)
        self.problems = problems
    }

    /// A part that cannot be read is one of the things to show.
    private static func collecting<R>(
        _ problems: inout [StructureProblem], _ body: () throws(PDFError) -> R
    ) -> R? {
        do throws(PDFError) {
            return try body()
        } catch {
            let problem = StructureProblem(offset: nil, what: error.detail)
            if !problems.contains(problem) { problems.append(problem) }
            return nil
        }
    }

    private static func version(_ document: PDFDocument, header: [UInt8]) throws(PDFError) -> String {
        let stated = header.drop { $0 != UInt8(ascii: "-") }.dropFirst().prefix { $0 > 0x20 && $0 < 0x7F }.prefix(8)
        let later = try document.resolved(document.catalog["Version"]).nameValue
        return later.map { max($0, String(decoding: stated, as: UTF8.self)) } ?? String(decoding: stated, as: UTF8.self)
    }

    private static func store(_ document: PDFDocument) throws(PDFError) -> SecurityStore? {
        guard let store = try document.resolved(document.catalog["DSS"]).dictionaryValue else { return nil }
        return SecurityStore(
            certificates: try document.resolved(store["Certs"]).arrayValue?.count ?? 0,
            responses: try document.resolved(store["OCSPs"]).arrayValue?.count ?? 0,
            lists: try document.resolved(store["CRLs"]).arrayValue?.count ?? 0,
            hasVRI: try document.resolved(store["VRI"]) != .null)
    }

    /// What the metadata claims (ISO 19005-2, 6.6.4), written as an attribute or as an element.
    private static func conformance(_ document: PDFDocument) throws(PDFError) -> String? {
        guard case .stream(let stream) = try document.resolved(document.catalog["Metadata"]) else { return nil }
        let text = String(decoding: try document.data(of: stream), as: UTF8.self)
        guard let part = value("pdfaid:part", in: text) else { return nil }
        return "PDF/A-\(part)\((value("pdfaid:conformance", in: text) ?? "").lowercased())"
    }

    private static func value(_ name: String, in text: String) -> String? {
        guard let place = text.firstRange(of: name) else { return nil }
        let value = text[place.upperBound...].drop { "=\"'> \t\r\n".contains($0) }.prefix { $0.isLetter || $0.isNumber }
        return value.isEmpty || value.count > 4 ? nil : String(value)
    }
}
