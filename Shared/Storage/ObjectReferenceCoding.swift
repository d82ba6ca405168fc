// SPDX-License-Identifier: Apache-2.0
package import Envelopes

extension StoredObject {
    /// The object that a message names.
    package init(_ reference: ObjectReference) {
        self.init(
            tenant: reference.tenantID.uuid, artifact: reference.artifactID.uuid, sha256: reference.sha256.bytes,
            size: reference.size, dataKeyID: reference.dataKeyID.uuid)
    }

    /// The object as messages name it.
    package var reference: ObjectReference {
        guard let digest = ContentDigest(bytes: sha256) else {
            preconditionFailure("the store computed the digest, so it has 32 bytes")
        }
        return ObjectReference(
            tenantID: TenantID(tenant), artifactID: ArtifactID(artifact), sha256: digest, size: size,
            dataKeyID: DataKeyID(dataKeyID))
    }
}
