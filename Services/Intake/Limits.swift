// SPDX-License-Identifier: Apache-2.0
import ByteCoding

/// What the API takes; served at `GET /v1`.
enum Limits {
    static let documentBytes = 104_857_600
    /// The `document` part, or the body of any other JSON request that creates an envelope.
    static let draftBytes = 1 << 20
    /// Acts on an envelope.
    static let actBytes = 16 << 10
    /// A file with its form around it.
    static let requestBytes = documentBytes + (2 << 20)
    static let documents = 1
    static let signers = 100
    static let fields = 500
    static let titleCharacters = 200
    static let nameCharacters = 200
    static let emailCharacters = 254
    static let keyCharacters = 64
    static let externalIDCharacters = 255
    static let subjectCharacters = 200
    static let bodyCharacters = 5000
    static let reasonCharacters = 1000
    static let metadataMembers = 50
    static let metadataCharacters = 500
    static let orderIndex = 1000
    static let uploadSeconds = 86_400.0
    static let expirySeconds = 5 * 366 * 86_400.0

    static let json: JSONValue = [
        "document_bytes": .integer(Int64(documentBytes)), "documents_per_envelope": .integer(Int64(documents)),
        "signers_per_envelope": .integer(Int64(signers)), "fields_per_envelope": .integer(Int64(fields)),
        "json_bytes": .integer(Int64(draftBytes)), "title_characters": .integer(Int64(titleCharacters)),
        "name_characters": .integer(Int64(nameCharacters)), "page_size": 100,
        "upload_seconds": .integer(Int64(uploadSeconds)), "idempotency_key_seconds": 604_800,
    ]
}
