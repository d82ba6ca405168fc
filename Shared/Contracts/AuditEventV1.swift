// SPDX-License-Identifier: Apache-2.0
package import Envelopes
package import FoundationEssentials

/// An act, denial or failure, written in the transaction of the act; the vault alone chains it.
///
/// Producer and sequence are those of its stream, so they stand in the headers; the vault adds them to what is hashed.
package struct AuditEventV1: VersionedMessage {
    package static let messageType = "AuditEventV1"
    package static let topic = Topic.auditEvents

    package let fact: AuditFact
    /// Sealed by the vault under the envelope's data key; only the ciphertext's digest is chained.
    package let personal: PersonalData?

    package init(fact: AuditFact, personal: PersonalData? = nil) {
        self.fact = fact
        self.personal = personal.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The key of its stream: the envelope, the tenant, or the nil UUID for the system.
    package var streamKey: UUID {
        switch fact.subject {
        case .envelope(let id): id.uuid
        case .tenant: fact.tenantID.uuid
        case .system: Self.systemKey
        }
    }

    /// Stands for the system as tenant and as key.
    package static let systemKey = UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))

    private enum CodingKeys: String, CodingKey { case personal }

    /// Reads the fields of the fact and `personal` from one flat object.
    ///
    /// - Throws: `DecodingError` for a missing field or an unknown word.
    package init(from decoder: any Decoder) throws {
        fact = try AuditFact(from: decoder)
        personal = try decoder.container(keyedBy: CodingKeys.self).decodeIfPresent(PersonalData.self, forKey: .personal)
    }

    /// Writes the fields of the fact and `personal` into one flat object.
    package func encode(to encoder: any Encoder) throws {
        try fact.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(personal, forKey: .personal)
    }
}
