// SPDX-License-Identifier: Apache-2.0

/// What a recipient does in a field.
package enum FieldType: String, Sendable, Hashable, Codable, CaseIterable {
    case signature
    case initials
    case date
    case text
    case checkbox
}

/// A requested rectangle on a page: points, origin top left of the page as displayed, y downwards.
package struct FieldPlacement: Sendable, Hashable, Codable {
    package let fieldID: FieldID
    /// The sender's own name for the field, unique in its envelope.
    package let key: String
    package let documentIndex: Int
    /// Counts from 1.
    package let pageNumber: Int
    package let x: Double
    package let y: Double
    package let width: Double
    package let height: Double
    package let fieldType: FieldType
    package let isRequired: Bool

    package init(
        fieldID: FieldID, key: String, documentIndex: Int, pageNumber: Int, x: Double, y: Double, width: Double,
        height: Double, fieldType: FieldType, isRequired: Bool
    ) {
        self.fieldID = fieldID
        self.key = key
        self.documentIndex = documentIndex
        self.pageNumber = pageNumber
        self.x = x
        self.y = y
        self.width = width
        self.height = height
        self.fieldType = fieldType
        self.isRequired = isRequired
    }

    /// The form field's name in the PDF: fixed by the id, so the prepared version and every signature agree on it.
    package var pdfFieldName: String {
        "paraph_\(fieldType.rawValue)_\(fieldID.description.suffix(12))"
    }

    private enum CodingKeys: String, CodingKey {
        case fieldID = "field_id"
        case key
        case documentIndex = "document_index"
        case pageNumber = "page_number"
        case x, y, width, height
        case fieldType = "field_type"
        case isRequired = "required"
    }
}

/// What a recipient entered in one field; a JSON string, or a boolean for a checkbox.
package struct FieldValue: Sendable, Hashable, Codable {
    package let fieldID: FieldID
    package let value: FieldContent

    package init(fieldID: FieldID, value: FieldContent) {
        self.fieldID = fieldID
        self.value = value
    }

    private enum CodingKeys: String, CodingKey {
        case fieldID = "field_id"
        case value
    }
}

/// Text, or the state of a checkbox.
package enum FieldContent: Sendable, Hashable, Codable {
    case text(String)
    case checked(Bool)

    /// Reads a JSON string or boolean.
    ///
    /// - Throws: `DecodingError` for any other JSON value.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let flag = try? container.decode(Bool.self) {
            self = .checked(flag)
        } else {
            self = .text(try container.decode(String.self))
        }
    }

    /// Writes a JSON string or boolean.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .text(let text): try container.encode(text)
        case .checked(let flag): try container.encode(flag)
        }
    }
}
