// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Contracts
import Cryptography
import Envelopes
import Foundation

/// What a person posted, checked against what was asked.
struct SigningSubmission: Sendable {
    static let maximumTextCharacters = 2000

    let consent: Consent
    let values: [FieldValue]
    let image: SignatureImage?
    /// The same for the same content, whatever form it came in.
    let digest: [UInt8]

    /// - Throws: `SigningProblem` that names the member which is wrong.
    init(_ body: SigningBody, for state: SigningState) throws(SigningProblem) {
        let content: JSONValue
        var picture: SignatureImage?
        switch body {
        case .json(let value): content = value
        case .form(let form, let bytes):
            content = Self.json(of: form, for: state)
            if let bytes { picture = try Self.image(of: bytes) }
        }
        let members = try Self.members(of: content, at: "", known: ["consent", "fields", "signature_image"])
        consent = try Self.consent(members["consent"] ?? .null, for: state)
        values = try Self.values(members["fields"] ?? .null, for: state)
        if picture == nil { picture = try Self.image(members["signature_image"] ?? .null) }
        image = picture
        digest = Self.digest(consent, values, image)
    }

    // MARK: Forms

    /// The name of a field's input.
    static func inputName(_ key: String) -> String { "field.\(key)" }
    /// The name of the input that echoes a document's version.
    static func inputName(_ document: DocumentID) -> String { "prepared.\(document)" }

    private static func json(of form: FormBody, for state: SigningState) -> JSONValue {
        var fields: [JSONValue] = []
        for placement in state.link.recipient?.fields ?? [] where placement.fieldType != .signature {
            let value = form[inputName(placement.key)]
            if placement.fieldType == .checkbox {
                fields.append(["key": .string(placement.key), "value": .bool(value == "true")])
            } else if let value, !value.isEmpty {
                fields.append(["key": .string(placement.key), "value": .string(value)])
            }
        }
        let documents = state.documents.map { document -> JSONValue in
            [
                "document_id": .string(document.documentID.description),
                "prepared_sha256": .string(form[inputName(document.documentID)] ?? ""),
            ]
        }
        return [
            "consent": [
                "agreed": .bool(form["agreed"] == "true"),
                "disclosure_sha256": .string(form["disclosure_sha256"] ?? ""), "documents": .array(documents),
            ],
            "fields": .array(fields),
        ]
    }

    // MARK: Members

    private static func members(
        of value: JSONValue, at pointer: String, known: Set<String>
    ) throws(SigningProblem) -> [String: JSONValue] {
        guard let members = value.objectValue else { throw .typeMismatch("Expected an object.", at: pointer) }
        if let name = members.keys.filter({ !known.contains($0) }).min() {
            throw .unknownProperty(name, in: pointer)
        }
        return members
    }

    private static func consent(_ value: JSONValue, for state: SigningState) throws(SigningProblem) -> Consent {
        if value == .null { throw .consentRequired }
        let members = try members(of: value, at: "/consent", known: ["agreed", "disclosure_sha256", "documents"])
        guard members["agreed"] == .bool(true) else { throw .consentRequired }
        var given: [String: ConsentedDocument] = [:]
        let entries = members["documents"]?.arrayValue ?? []
        for (index, entry) in entries.enumerated() {
            if let document = try consented(entry, at: "/consent/documents/\(index)") {
                given[document.documentID.description] = document
            }
        }
        let agreed = state.documents.compactMap { given[$0.documentID.description] }
        guard members["disclosure_sha256"]?.stringValue == Disclosure.current.sha256.hex,
            entries.count == state.documents.count, agreed.count == entries.count,
            zip(agreed, state.documents).allSatisfy({ $0.preparedSHA256 == $1.preparedSHA256 })
        else { throw .consentMismatch }
        return Consent(disclosureSHA256: Disclosure.current.sha256, documents: agreed)
    }

    /// Nil where the entry names no document or version that could exist.
    private static func consented(_ value: JSONValue, at pointer: String) throws(SigningProblem) -> ConsentedDocument? {
        let members = try members(
            of: value, at: pointer, known: ["document_id", "prepared_sha256", "revision_sha256"])
        guard let id = members["document_id"]?.stringValue.flatMap({ DocumentID($0) }),
            let prepared = members["prepared_sha256"]?.stringValue.flatMap({ ContentDigest(hex: $0) })
        else { return nil }
        var revision: ContentDigest?
        if let shown = members["revision_sha256"], shown != .null {
            revision = shown.stringValue.flatMap { ContentDigest(hex: $0) }
            guard revision != nil else {
                throw .typeMismatch("Expected 64 hexadecimal digits.", at: "\(pointer)/revision_sha256")
            }
        }
        return ConsentedDocument(
            documentID: id, preparedSHA256: prepared, revisionSHA256: revision == prepared ? nil : revision)
    }

    private static func values(_ value: JSONValue, for state: SigningState) throws(SigningProblem) -> [FieldValue] {
        guard let entries = value == .null ? [] : value.arrayValue else {
            throw .typeMismatch("Expected a list.", at: "/fields")
        }
        let placements = state.link.recipient?.fields ?? []
        var given: [String: FieldContent?] = [:]
        for (index, entry) in entries.enumerated() {
            let pointer = "/fields/\(index)"
            let members = try members(of: entry, at: pointer, known: ["key", "value"])
            guard let key = members["key"]?.stringValue, let placement = placements.first(where: { $0.key == key })
            else { throw .fieldInvalid("There is no such field for you to fill in.", at: "\(pointer)/key") }
            guard given[key] == nil else { throw .fieldInvalid("The field is given twice.", at: "\(pointer)/key") }
            given[key] = .some(try content(members["value"] ?? .null, of: placement, at: "\(pointer)/value"))
        }
        var values: [FieldValue] = []
        for placement in placements where placement.fieldType != .signature {
            // A box that was not mentioned was not ticked.
            let content = (given[placement.key] ?? nil) ?? (placement.fieldType == .checkbox ? .checked(false) : nil)
            guard let content, !placement.isRequired || content != .checked(false) else {
                if placement.isRequired { throw .fieldRequired(placement.key, at: "/fields") }
                continue
            }
            values.append(FieldValue(fieldID: placement.fieldID, value: content))
        }
        return values
    }

    /// Nil for an entry that leaves its field empty.
    private static func content(
        _ value: JSONValue, of placement: FieldPlacement, at pointer: String
    ) throws(SigningProblem) -> FieldContent? {
        let key = placement.key
        switch placement.fieldType {
        case .signature:
            throw .fieldInvalid("A signature field takes no value: agreeing fills it.", at: pointer, field: key)
        case .checkbox:
            guard let flag = value.boolValue else {
                throw .fieldInvalid("A checkbox takes true or false.", at: pointer, field: key)
            }
            return .checked(flag)
        case .date, .text, .initials:
            guard let given = value.stringValue else {
                throw .fieldInvalid("The field takes a text.", at: pointer, field: key)
            }
            let text = HTML.lines(given)
            if text.allSatisfy(\.isWhitespace) { return nil }
            guard text.isPrintable, text.unicodeScalars.count <= maximumTextCharacters else {
                throw .fieldInvalid(
                    "“\(key)” takes at most \(maximumTextCharacters) characters that can be printed.", at: pointer,
                    field: key)
            }
            if placement.fieldType == .date, text.utf8.count != 10 || Instant(rfc3339: "\(text)T00:00:00Z") == nil {
                throw .fieldInvalid(
                    "“\(key)” takes a date as year, month and day, like 2026-11-20.", at: pointer, field: key)
            }
            return .text(text)
        }
    }

    private static func image(_ value: JSONValue) throws(SigningProblem) -> SignatureImage? {
        if value == .null { return nil }
        guard let text = value.stringValue, let bytes = Data(base64Encoded: text).map(Array.init) else {
            throw .typeMismatch("Expected the picture's bytes in base64.", at: "/signature_image")
        }
        return try image(of: bytes)
    }

    private static func image(of bytes: [UInt8]) throws(SigningProblem) -> SignatureImage {
        do {
            return try SignatureImage(bytes)
        } catch {
            throw .image(error)
        }
    }

    // MARK: Sameness

    /// What was on screen is left out: it may move while the same person sends the same once more.
    private static func digest(_ consent: Consent, _ values: [FieldValue], _ image: SignatureImage?) -> [UInt8] {
        let documents = consent.documents.map { document -> JSONValue in
            [.string(document.documentID.description), .string(document.preparedSHA256.hex)]
        }
        let fields = values.map { value -> JSONValue in
            switch value.value {
            case .text(let text): [.string(value.fieldID.description), .string(text)]
            case .checked(let flag): [.string(value.fieldID.description), .bool(flag)]
            }
        }
        let content: JSONValue = [
            "disclosure": .string(consent.disclosureSHA256.hex), "documents": .array(documents),
            "fields": .array(fields),
            "image": image.map { .string(Hex.encode(SHA256.digest(of: $0.bytes))) } ?? .null,
        ]
        return SHA256.digest(of: content.canonicalBytes())
    }
}

/// Why a person declines.
struct DeclineReason: Sendable {
    let text: String

    /// - Throws: `SigningProblem` that names the member which is wrong.
    init(_ body: SigningBody) throws(SigningProblem) {
        let given: JSONValue
        switch body {
        case .form(let form, _): given = form["reason"].map { .string($0) } ?? .null
        case .json(let value):
            guard let members = value.objectValue else { throw .typeMismatch("Expected an object.", at: "") }
            if let name = members.keys.filter({ $0 != "reason" }).min() { throw .unknownProperty(name, in: "") }
            given = members["reason"] ?? .null
        }
        let text = HTML.lines(given.stringValue ?? "")
        guard !text.allSatisfy(\.isWhitespace), text.isPrintable, text.unicodeScalars.count <= Limits.reasonCharacters
        else {
            throw .fieldInvalid(
                "Please say why, in at most \(Limits.reasonCharacters) characters.", at: "/reason")
        }
        self.text = text
    }
}

extension String {
    /// No control characters but line ends and tabs.
    fileprivate var isPrintable: Bool {
        !unicodeScalars.contains { scalar in
            scalar.properties.generalCategory == .control && scalar != "\n" && scalar != "\t"
        }
    }
}
