// SPDX-License-Identifier: Apache-2.0
import ByteCoding
package import FoundationEssentials

/// An id of one kind of thing; kinds do not mix, and text forms are lower case everywhere.
package protocol EntityID: Sendable, Hashable, Comparable, Codable, CustomStringConvertible {
    /// The 128 bits that are stored and sent.
    var uuid: UUID { get }
    /// Names the thing that `uuid` stands for.
    init(_ uuid: UUID)
}

extension EntityID {
    /// Reads the text form and answers nil for anything that is not a UUID.
    package init?(_ text: String) {
        guard let uuid = UUID(text: text) else { return nil }
        self.init(uuid)
    }

    /// The lower-case text form that messages, rows and addresses carry.
    package var description: String { uuid.text }

    /// The big-endian bytes that hashes cover.
    package var bytes: [UInt8] { uuid.bytes }

    /// Orders by bytes, so rows locked in this order never deadlock.
    package static func < (left: Self, right: Self) -> Bool { left.uuid < right.uuid }

    /// Reads a JSON string.
    ///
    /// - Throws: `DecodingError` for text that is not a UUID.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let uuid = UUID(text: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "expected a UUID")
        }
        self.init(uuid)
    }

    /// Writes the lower-case text form.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// A customer organisation; every row and message names one.
package struct TenantID: EntityID {
    package let uuid: UUID
    package init(_ uuid: UUID) { self.uuid = uuid }
}

/// The aggregate of documents, recipients and routing; the key of every message about it.
package struct EnvelopeID: EntityID {
    package let uuid: UUID
    package init(_ uuid: UUID) { self.uuid = uuid }
}

/// One PDF of an envelope through all its versions.
package struct DocumentID: EntityID {
    package let uuid: UUID
    package init(_ uuid: UUID) { self.uuid = uuid }
}

/// One recipient's turn in one envelope.
package struct RequestID: EntityID {
    package let uuid: UUID
    package init(_ uuid: UUID) { self.uuid = uuid }
}

/// One immutable stored object: an original, a revision, a signed document.
package struct ArtifactID: EntityID {
    package let uuid: UUID
    package init(_ uuid: UUID) { self.uuid = uuid }
}

/// One requested rectangle on a page.
package struct FieldID: EntityID {
    package let uuid: UUID
    package init(_ uuid: UUID) { self.uuid = uuid }
}

/// The tenant's program that called the API; stays the same when its tokens rotate.
package struct ServiceAccountID: EntityID {
    package let uuid: UUID
    package init(_ uuid: UUID) { self.uuid = uuid }
}

/// The key that one artifact is encrypted with; the key itself never leaves the key store.
package struct DataKeyID: EntityID {
    package let uuid: UUID
    package init(_ uuid: UUID) { self.uuid = uuid }
}

/// One unit of work for the signer; a job issued again keeps its id, so a late duplicate is harmless.
package struct JobID: EntityID {
    package let uuid: UUID
    package init(_ uuid: UUID) { self.uuid = uuid }
}
