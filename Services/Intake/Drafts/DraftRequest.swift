// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Envelopes
import Foundation
import RetentionRules
import ServiceAPI

/// What a sender asks for, checked as far as it can be without the file.
struct DraftRequest: Sendable {
    struct Signer: Sendable {
        let key: String
        let role: RecipientRole
        let orderIndex: Int
        let name: String
        let email: String
        let externalID: String?
        let locale: String?
        let fields: [Field]
    }

    struct Field: Sendable {
        let key: String
        let documentIndex: Int
        let pageNumber: Int
        let x: Double
        let y: Double
        let width: Double
        let height: Double
        let fieldType: FieldType
        let isRequired: Bool
        /// Where it stands in the request.
        let pointer: String
    }

    let title: String
    let externalID: String?
    let metadata: [String: JSONValue]
    let send: Bool
    let expiresAt: Instant?
    let sender: Sender
    let message: CoverMessage?
    let documentType: String?
    let retentionClass: String?
    let jurisdiction: String?
    let locale: String
    /// The upload to use; nil where the file comes with the request.
    let uploadID: UUID?
    let signers: [Signer]

    private static let members: Set<String> = [
        "title", "external_id", "metadata", "send", "expires_at", "sender", "message", "document_type",
        "retention_class", "jurisdiction", "locale", "signers", "documents",
    ]
    private static let reserved: Set<String> = [
        "batch_id", "template_id", "policy", "approvals", "reminders", "webhooks",
    ]

    /// - Parameter hasFile: Whether the file comes in the same request, so that `documents` names none.
    /// - Throws: `ProblemDetails` with a pointer for each fault.
    init(_ json: JSONValue, for principal: Principal, hasFile: Bool, at now: Instant) throws(ProblemDetails) {
        var check = RequestChecker()
        let body = check.object(json, "", allowed: Self.members, reserved: Self.reserved) ?? [:]
        try Self.stop(check, unless: json.objectValue != nil)
        title = check.line(body, "title", "", maximum: Limits.titleCharacters, required: true) ?? ""
        externalID = check.line(body, "external_id", "", maximum: Limits.externalIDCharacters)
        metadata = Self.metadata(body, &check)
        send = check.bool(body, "send", "", default: false)
        expiresAt = check.instant(body, "expires_at", "", after: now, within: Limits.expirySeconds)
        sender = Self.sender(body, principal, &check)
        message = Self.message(body, &check)
        documentType = check.word(
            body, "document_type", "", maximum: Limits.keyCharacters, expected: "Expected letters, digits, . _ or -.",
            Self.isKey)
        jurisdiction = check.word(
            body, "jurisdiction", "", maximum: 6, expected: "Expected an ISO 3166 code, as in DE or US-CA.",
            Self.isJurisdiction)
        locale = Self.locale(body, "", &check) ?? "en"
        retentionClass = check.line(body, "retention_class", "", maximum: Limits.keyCharacters)
        if let name = retentionClass, RetentionClass.selectable.first(where: { $0.name == name }) == nil {
            let names = RetentionClass.selectable.map(\.name).joined(separator: ", ")
            check.note("unknown_retention_class", "/retention_class", "Expected one of \(names).")
        }
        uploadID = Self.upload(body, hasFile: hasFile, &check)
        signers = Self.signers(body, &check)
        try check.finish()
    }

    private static func stop(_ check: RequestChecker, unless isFine: Bool) throws(ProblemDetails) {
        if !isFine { try check.finish() }
    }

    // MARK: Parts

    private static func metadata(_ body: [String: JSONValue], _ check: inout RequestChecker) -> [String: JSONValue] {
        guard let value = body["metadata"] else { return [:] }
        guard let members = value.objectValue else {
            check.note("type_mismatch", "/metadata", "Expected an object.")
            return [:]
        }
        if members.count > Limits.metadataMembers {
            check.note("too_many", "/metadata", "Expected at most \(Limits.metadataMembers) members.")
        }
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            let place = RequestChecker.pointer("/metadata", name)
            if !(1...Limits.keyCharacters ~= name.unicodeScalars.count) || name.unicodeScalars.contains("\0") {
                check.note("too_long", place, "Names have 1 to \(Limits.keyCharacters) characters.")
            }
            switch value {
            case .string(let text):
                if text.unicodeScalars.count > Limits.metadataCharacters || text.unicodeScalars.contains("\0") {
                    check.note("too_long", place, "Expected at most \(Limits.metadataCharacters) characters.")
                }
            case .bool, .integer, .number: break
            case .null, .array, .object: check.note("type_mismatch", place, "Expected a string, a number or a boolean.")
            }
        }
        return members
    }

    private static func sender(
        _ body: [String: JSONValue], _ principal: Principal, _ check: inout RequestChecker
    ) -> Sender {
        guard let value = body["sender"] else {
            check.note("required", "/sender", "This property is required.")
            return Sender(name: "", email: "", organisation: "")
        }
        let members = check.object(value, "/sender", allowed: ["name", "email", "organisation"]) ?? [:]
        return Sender(
            name: check.line(members, "name", "/sender", maximum: Limits.nameCharacters, required: true) ?? "",
            email: email(members, "/sender", &check),
            organisation: check.line(members, "organisation", "/sender", maximum: Limits.nameCharacters)
                ?? principal.organisation)
    }

    private static func message(_ body: [String: JSONValue], _ check: inout RequestChecker) -> CoverMessage? {
        guard let value = body["message"] else { return nil }
        let members = check.object(value, "/message", allowed: ["subject", "body"]) ?? [:]
        return CoverMessage(
            subject: check.line(members, "subject", "/message", maximum: Limits.subjectCharacters),
            body: check.string(members, "body", "/message", maximum: Limits.bodyCharacters))
    }

    private static func upload(
        _ body: [String: JSONValue], hasFile: Bool, _ check: inout RequestChecker
    ) -> UUID? {
        guard let value = body["documents"] else {
            if !hasFile {
                check.note("required", "/documents", "Name an upload, or send multipart/form-data with a file.")
            }
            return nil
        }
        guard let entries = value.arrayValue else {
            check.note("type_mismatch", "/documents", "Expected a list.")
            return nil
        }
        if entries.count > Limits.documents || hasFile && !entries.isEmpty {
            check.note("too_many_documents", "/documents", "An envelope holds one document today.")
            return nil
        }
        guard let first = entries.first else {
            if !hasFile { check.note("too_few", "/documents", "Expected one entry.") }
            return nil
        }
        let members = check.object(first, "/documents/0", allowed: ["upload_id"], reserved: ["template_id"]) ?? [:]
        let text = check.string(members, "upload_id", "/documents/0", maximum: 36, required: true)
        guard let text else { return nil }
        guard let id = UUID(text: text) else {
            check.note("invalid_format", "/documents/0/upload_id", "Expected the upload_id of POST /v1/uploads.")
            return nil
        }
        return id
    }

    private static func signers(_ body: [String: JSONValue], _ check: inout RequestChecker) -> [Signer] {
        let entries = check.list(body, "signers", "", count: 1...Limits.signers) ?? []
        var keys: Set<String> = []
        var fieldKeys: Set<String> = []
        var fieldCount = 0
        var signers: [Signer] = []
        for (value, pointer) in entries {
            guard
                let members = check.object(
                    value, pointer,
                    allowed: ["key", "role", "order_index", "name", "email", "external_id", "locale", "fields"],
                    reserved: ["phone", "authentication", "delivery", "group"])
            else { continue }
            let key = Self.key(members, pointer, &check, taken: &keys)
            if let role = check.string(members, "role", pointer, maximum: Limits.keyCharacters), role != "signer" {
                let known = ["copy", "approver", "viewer", "witness", "delegator"].contains(role)
                check.note(known ? "not_supported" : "unknown_role", "\(pointer)/role", "The role signer is supported.")
            }
            let order = check.integer(members, "order_index", pointer, in: 1...Limits.orderIndex, default: 1)
            let fields = Self.fields(members, pointer, &check, keys: &fieldKeys)
            fieldCount += fields.count
            signers.append(
                Signer(
                    key: key, role: .signer, orderIndex: order ?? 1,
                    name: check.line(members, "name", pointer, maximum: Limits.nameCharacters, required: true) ?? "",
                    email: email(members, pointer, &check),
                    externalID: check.line(members, "external_id", pointer, maximum: Limits.externalIDCharacters),
                    locale: locale(members, pointer, &check), fields: fields))
        }
        if fieldCount > Limits.fields {
            check.note("too_many", "/signers", "An envelope has at most \(Limits.fields) fields.")
        }
        return signers
    }

    private static func fields(
        _ members: [String: JSONValue], _ pointer: String, _ check: inout RequestChecker, keys: inout Set<String>
    ) -> [Field] {
        var fields: [Field] = []
        for (value, pointer) in check.list(members, "fields", pointer, count: 0...Limits.fields) ?? [] {
            guard
                let field = check.object(
                    value, pointer,
                    allowed: [
                        "key", "document_index", "page_number", "x", "y", "width", "height", "field_type", "required",
                    ], reserved: ["pdf_field", "anchor", "value", "validation", "label"])
            else { continue }
            let key = Self.key(field, pointer, &check, taken: &keys)
            let type = check.string(field, "field_type", pointer, maximum: Limits.keyCharacters, required: true)
            let fieldType = type.flatMap(FieldType.init)
            if let type, fieldType == nil {
                let words = FieldType.allCases.map(\.rawValue).joined(separator: ", ")
                check.note("unknown_field_type", "\(pointer)/field_type", "Expected one of \(words).")
                _ = type
            }
            if fieldType == .signature, fields.contains(where: { $0.fieldType == .signature }) {
                check.note(
                    "not_supported", pointer, "A signer has one signature field; use initials for further places.")
            }
            let index = check.integer(field, "document_index", pointer, in: 0...0, default: 0)
            let page = check.integer(field, "page_number", pointer, in: 1...100_000, default: nil)
            let x = check.number(field, "x", pointer)
            let y = check.number(field, "y", pointer)
            let width = check.number(field, "width", pointer)
            let height = check.number(field, "height", pointer)
            let isRequired = check.bool(field, "required", pointer, default: true)
            guard let fieldType, let index, let page, let x, let y, let width, let height else { continue }
            fields.append(
                Field(
                    key: key, documentIndex: index, pageNumber: page, x: x, y: y, width: width, height: height,
                    fieldType: fieldType, isRequired: isRequired, pointer: pointer))
        }
        return fields
    }

    // MARK: Words

    private static func key(
        _ members: [String: JSONValue], _ pointer: String, _ check: inout RequestChecker, taken: inout Set<String>
    ) -> String {
        let key = check.word(
            members, "key", pointer, maximum: Limits.keyCharacters, required: true,
            expected: "Expected letters, digits, . _ or -.", isKey)
        guard let key else { return "" }
        if !taken.insert(key).inserted {
            check.note("duplicate_key", "\(pointer)/key", "Another entry has this key; each has one of its own.")
        }
        return key
    }

    private static func email(_ members: [String: JSONValue], _ pointer: String, _ check: inout RequestChecker)
        -> String
    {
        check.word(
            members, "email", pointer, maximum: Limits.emailCharacters, required: true,
            expected: "Expected an e-mail address, as in name@example.com.", EmailAddress.isValid) ?? ""
    }

    private static func locale(_ members: [String: JSONValue], _ pointer: String, _ check: inout RequestChecker)
        -> String?
    {
        check.word(members, "locale", pointer, maximum: 35, expected: "Expected a BCP 47 tag, as in en or de-AT.") {
            text in
            let parts = text.split(separator: "-", omittingEmptySubsequences: false)
            return (2...3).contains(parts[0].utf8.count) && parts[0].utf8.allSatisfy { (0x61...0x7A).contains($0) }
                && parts.dropFirst().allSatisfy {
                    (1...8).contains($0.utf8.count) && $0.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
                }
        }
    }

    private static func isKey(_ text: String) -> Bool {
        !text.isEmpty && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) }
    }

    private static func isJurisdiction(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        return parts.count <= 2 && parts[0].utf8.count == 2 && parts[0].utf8.allSatisfy { (0x41...0x5A).contains($0) }
            && (parts.count == 1
                || (1...3).contains(parts[1].utf8.count)
                    && parts[1].allSatisfy { $0.isASCII && ($0.isUppercase || $0.isNumber) })
    }
}

/// An address that our mails can be sent to: the common subset of RFC 5321, without quoted local parts.
enum EmailAddress {
    static func isValid(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, (1...64).contains(parts[0].utf8.count), (3...253).contains(parts[1].utf8.count) else {
            return false
        }
        let isAtom: (Character) -> Bool = { character in
            character.isASCII
                && (character.isLetter || character.isNumber || "!#$%&'*+-/=?^_`{|}~".contains(character))
        }
        let atoms = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        let labels = parts[1].split(separator: ".", omittingEmptySubsequences: false)
        return atoms.allSatisfy { !$0.isEmpty && $0.allSatisfy(isAtom) } && labels.count >= 2
            && labels.allSatisfy { label in
                (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                    && label.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
            }
    }
}
