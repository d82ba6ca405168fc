// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Contracts
import Cryptography
import Envelopes
import Foundation

/// What a person posted, checked against what was asked.
struct SigningSubmission: Sendable {
    static let maximumTextCharacters = 2000
    static let maximumImageBytes = 2 << 20

    let consent: Consent
    let values: [FieldValue]
    let image: [UInt8]?
    /// The same for the same content, whatever form it came in.
    let digest: [UInt8]

    /// - Throws: `SigningProblem` that names the member which is wrong.
    init(_ body: JSONValue, for state: SigningState) throws(SigningProblem) {
        guard let members = body.objectValue else { throw .malformed("The body is not a JSON object.") }
        for name in members.keys.sorted() where !["consent", "fields", "signature_image"].contains(name) {
            throw .unknown(name, at: "/\(name)")
        }
        consent = try Self.consent(members["consent"], for: state)
        values = try Self.values(members["fields"], for: state)
        image = try Self.image(members["signature_image"])
        var content: [String: JSONValue] = ["documents": members["consent"]?["documents"] ?? .null]
        content["fields"] = members["fields"] ?? .array([])
        content["image"] = image.map { .string(Hex.encode(SHA256.digest(of: $0))) } ?? .null
        digest = SHA256.digest(of: JSONValue.object(content).canonicalBytes())
    }

    private static func consent(_ value: JSONValue?, for state: SigningState) throws(SigningProblem) -> Consent {
        guard let value, value["agreed"] == .bool(true) else { throw .consentRequired }
        guard value["disclosure_sha256"]?.stringValue == Disclosure.current.sha256.hex,
            let documents = value["documents"]?.arrayValue, documents.count == state.documents.count
        else { throw .consentMismatch }
        var consented: [ConsentedDocument] = []
        for known in state.documents {
            guard
                let given = documents.first(where: { $0["document_id"]?.stringValue == known.documentID.description }),
                let prepared = known.preparedSHA256, given["prepared_sha256"]?.stringValue == prepared.hex
            else { throw .consentMismatch }
            consented.append(
                ConsentedDocument(
                    documentID: known.documentID, preparedSHA256: prepared,
                    revisionSHA256: given["revision_sha256"]?.stringValue.flatMap { ContentDigest(hex: $0) }))
        }
        return Consent(disclosureSHA256: Disclosure.current.sha256, documents: consented)
    }

    private static func values(_ value: JSONValue?, for state: SigningState) throws(SigningProblem) -> [FieldValue] {
        let entries = value?.arrayValue ?? []
        guard value == nil || value == .null || value?.arrayValue != nil else {
            throw .fieldInvalid("“fields” has to be a list.", at: "/fields")
        }
        let placements = state.link.recipient?.fields.filter { $0.fieldType != .signature } ?? []
        var given: [String: FieldContent] = [:]
        for (index, entry) in entries.enumerated() {
            let pointer = "/fields/\(index)"
            guard let key = entry["key"]?.stringValue, let placement = placements.first(where: { $0.key == key }) else {
                if let key = entry["key"]?.stringValue, state.link.recipient?.fields.contains(where: { $0.key == key }) == true {
                    continue
                }
                throw .fieldInvalid("There is no such field for you to fill in.", at: "\(pointer)/key")
            }
            guard given[key] == nil else { throw .fieldInvalid("The field is given twice.", at: "\(pointer)/key") }
            given[key] = try content(entry["value"], of: placement, at: "\(pointer)/value")
        }
        var values: [FieldValue] = []
        for placement in placements {
            guard let content = given[placement.key] else {
                if placement.isRequired { throw .fieldRequired(placement.key, at: "/fields") }
                continue
            }
            values.append(FieldValue(fieldID: placement.fieldID, value: content))
        }
        return values
    }

    private static func content(
        _ value: JSONValue?, of placement: FieldPlacement, at pointer: String
    ) throws(SigningProblem) -> FieldContent? {
        if placement.fieldType == .checkbox {
            guard let flag = value?.boolValue else { throw .fieldInvalid("A checkbox takes true or false.", at: pointer) }
            if placement.isRequired, !flag { throw .fieldRequired(placement.key, at: pointer) }
            return .checked(flag)
        }
        guard let text = value?.stringValue else { throw .fieldInvalid("The field takes a text.", at: pointer) }
        if text.isEmpty { return nil }
        guard text.count <= maximumTextCharacters, !text.unicodeScalars.contains(where: { $0.value < 32 && $0 != "\n" })
        else {
            throw .fieldInvalid("The text is too long or holds characters that cannot be printed.", at: pointer)
        }
        return .text(text)
    }

    /// PNG or JPEG by their first bytes.
    private static func image(_ value: JSONValue?) throws(SigningProblem) -> [UInt8]? {
        guard let value, value != .null else { return nil }
        let pointer = "/signature_image"
        guard let text = value.stringValue, text.utf8.count <= maximumImageBytes * 4 / 3 + 4,
            let bytes = Data(base64Encoded: text).map(Array.init)
        else { throw .fieldInvalid("The image has to be base64 of at most 2 MB.", at: pointer) }
        let isPNG = bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
        guard isPNG || bytes.starts(with: [0xFF, 0xD8, 0xFF]) else {
            throw .fieldInvalid("The image has to be a PNG or a JPEG.", at: pointer)
        }
        return bytes
    }
}

extension SigningProblem {
    static func unknown(_ name: String, at pointer: String) -> SigningProblem {
        SigningProblem(
            status: 422, code: "unknown_property", title: "A property is not known",
            detail: "There is no property “\(name)” here.", pointer: pointer)
    }
}
