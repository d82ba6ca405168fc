// SPDX-License-Identifier: Apache-2.0
package import FoundationEssentials

/// What has to be known to read an object again; travels in messages instead of the bytes.
package struct StoredObject: Sendable, Hashable {
    /// Whose object it is.
    package let tenant: UUID
    /// Names the content, once and for ever.
    package let artifact: UUID
    /// Of the plaintext, 32 bytes.
    package let sha256: [UInt8]
    /// Of the plaintext, in bytes.
    package let size: Int
    /// The key that the object is encrypted with; the key itself never travels.
    package let dataKeyID: UUID

    /// Takes what an earlier `finish` gave, as it came back from a message or a row.
    package init(tenant: UUID, artifact: UUID, sha256: [UInt8], size: Int, dataKeyID: UUID) {
        self.tenant = tenant
        self.artifact = artifact
        self.sha256 = sha256
        self.size = size
        self.dataKeyID = dataKeyID
    }
}

/// The two parts of the object store, with credentials of their own.
package enum StorageArea: String, Sendable, CaseIterable {
    /// Originals, revisions and page images; deletable.
    case working
    /// What is kept under a retention class; only vault writes here, and files are read-only.
    case evidence
}
