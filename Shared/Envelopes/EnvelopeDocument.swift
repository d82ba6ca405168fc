// SPDX-License-Identifier: Apache-2.0

/// One document's way through its versions.
package struct EnvelopeDocument: Sendable, Hashable, Codable {
    package let documentID: DocumentID
    package internal(set) var prepared: ObjectReference?
    /// The newest revision; the prepared version while nobody has signed.
    package internal(set) var current: ObjectReference?
    /// The version of `current`: 0 the original, 1 the prepared version, then one for each signature and raising.
    package internal(set) var version = 0
    package internal(set) var level: PAdESLevel?
    /// The one job in hand; further signers wait in `waiting`.
    package internal(set) var job: SigningJob?
    package internal(set) var waiting: [RequestID] = []
    /// Set from completion until the policy's level is reached or given up.
    package internal(set) var raising: RaisingJob?

    init(documentID: DocumentID) {
        self.documentID = documentID
    }

    private enum CodingKeys: String, CodingKey {
        case documentID = "document_id"
        case prepared, current, version, level, job, waiting, raising
    }
}
