// SPDX-License-Identifier: Apache-2.0

/// Where a document's bytes are and how they must look; what travels in place of the bytes.
package struct ObjectReference: Sendable, Hashable, Codable {
    package let tenantID: TenantID
    package let artifactID: ArtifactID
    /// The digest of the plain bytes.
    package let sha256: ContentDigest
    /// The number of plain bytes.
    package let size: Int
    package let dataKeyID: DataKeyID

    package init(tenantID: TenantID, artifactID: ArtifactID, sha256: ContentDigest, size: Int, dataKeyID: DataKeyID) {
        self.tenantID = tenantID
        self.artifactID = artifactID
        self.sha256 = sha256
        self.size = size
        self.dataKeyID = dataKeyID
    }

    private enum CodingKeys: String, CodingKey {
        case tenantID = "tenant_id"
        case artifactID = "artifact_id"
        case sha256
        case size
        case dataKeyID = "data_key_id"
    }
}
