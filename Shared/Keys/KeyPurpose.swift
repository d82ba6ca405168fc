// SPDX-License-Identifier: Apache-2.0

/// What a key may be used for; a file of one purpose never opens as another.
package enum KeyPurpose: String, Sendable, CaseIterable {
    /// Derives the tokens of signing links.
    case link
    /// Authenticates services to one another.
    case serviceIdentity = "service-identity"
    /// Signs audit checkpoints.
    case audit
    /// Seals tenants' key-encryption keys.
    case storageMaster = "storage-master"
    /// Wraps one tenant's data keys.
    case tenantStorage = "tenant-storage"
    /// Encrypts one artifact, or the personal data of one envelope's audit trail.
    case data
    /// Seals tenants' signing keys.
    case signingMaster = "signing-master"
    /// Signs documents for one tenant.
    case tenantSeal = "tenant-seal"
    /// Seals the development authority's keys.
    case authorityMaster = "authority-master"
    /// Signs certificates.
    case authority
}
