// SPDX-License-Identifier: Apache-2.0
package import ByteCoding

/// A recipient as a client names it.
package struct SignerPlan: Sendable {
    package var key: String
    package var order: Int
    package var name: String
    package var email: String
    package var fields: [JSONValue]

    /// With one visible signature at the foot of the first page.
    package init(key: String, order: Int, name: String, email: String, x: Int = 24) {
        self.key = key
        self.order = order
        self.name = name
        self.email = email
        fields = [Self.field("signature-\(key)", type: "signature", x: x, y: 24, width: 170, height: 48)]
    }

    /// A field of the API's shape.
    package static func field(
        _ key: String, type: String, page: Int = 1, x: Int, y: Int, width: Int, height: Int, required: Bool = true
    ) -> JSONValue {
        .object([
            "key": .string(key), "document_index": .integer(0), "page_number": .integer(Int64(page)),
            "x": .integer(Int64(x)), "y": .integer(Int64(y)), "width": .integer(Int64(width)),
            "height": .integer(Int64(height)), "field_type": .string(type), "required": .bool(required),
        ])
    }

    package static let one = [SignerPlan(key: "employee", order: 1, name: "Ada Lovelace", email: "ada@example.com")]
    package static let two = [
        SignerPlan(key: "employee", order: 1, name: "Ada Lovelace", email: "ada@example.com"),
        SignerPlan(key: "manager", order: 2, name: "Grace Hopper", email: "grace@example.com", x: 210),
    ]
    /// Both may sign at once.
    package static let parallel = [
        SignerPlan(key: "employee", order: 1, name: "Ada Lovelace", email: "ada@example.com"),
        SignerPlan(key: "manager", order: 1, name: "Grace Hopper", email: "grace@example.com", x: 210),
    ]

    package var json: JSONValue {
        .object([
            "key": .string(key), "order_index": .integer(Int64(order)), "name": .string(name), "email": .string(email),
            "fields": .array(fields),
        ])
    }
}

/// The JSON part of `POST /v1/documents`.
package struct EnvelopePlan: Sendable {
    package var title: String
    package var signers: [SignerPlan]
    package var sends = true
    package var uploadID: String?
    /// Members added to or put over the others.
    package var extra: [String: JSONValue] = [:]

    package init(title: String, signers: [SignerPlan]) {
        self.title = title
        self.signers = signers
    }

    package var json: JSONValue {
        var members: [String: JSONValue] = [
            "title": .string(title), "send": .bool(sends), "signers": .array(signers.map(\.json)),
            "sender": .object([
                "name": .string("People team"), "email": .string("people@example.com"),
                "organisation": .string("Example Ltd"),
            ]),
        ]
        if let uploadID { members["documents"] = .array([.object(["upload_id": .string(uploadID)])]) }
        return .object(members.merging(extra) { $1 })
    }
}

/// What `POST /v1/documents` answered.
package struct CreatedEnvelope: Sendable {
    package struct Signer: Sendable {
        package let requestID: String
        package let key: String
    }

    package let envelopeID: String
    package let documentID: String
    package let signers: [Signer]

    /// - Throws: `SystemError` when a member of the documented shape is missing.
    package init(_ answer: JSONValue) throws {
        guard let envelope = answer["envelope_id"]?.stringValue, let document = answer["document_id"]?.stringValue,
            let signers = answer["signers"]?.arrayValue
        else { throw SystemError("the answer to POST /v1/documents lacks an id") }
        envelopeID = envelope
        documentID = document
        self.signers = try signers.map {
            guard let request = $0["request_id"]?.stringValue, let key = $0["key"]?.stringValue else {
                throw SystemError("a signer in the answer to POST /v1/documents lacks request_id or key")
            }
            return Signer(requestID: request, key: key)
        }
    }

    package func requestID(of key: String) -> String { signers.first { $0.key == key }?.requestID ?? "" }
}
