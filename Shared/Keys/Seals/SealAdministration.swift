// SPDX-License-Identifier: Apache-2.0
import Clocks
package import FoundationEssentials

/// The decisions about a tenant's keys; each is a new entry in its register, and none is forgotten.
extension DevelopmentKeys {
    /// The tenant's keys with their states.
    package func register(tenant: UUID) throws(KeysError) -> SealRegister { try seals.register(tenant: tenant) }

    /// A key to try; it need not be active.
    package func seal(tenant: UUID, keyID: UUID) throws(KeysError) -> TenantSeal {
        _ = try seals.register(tenant: tenant).key(keyID)
        return try seals.seal(tenant: tenant, keyID: keyID)
    }

    /// Notes that a trial document signed by the key was verified.
    package func noteTrial(tenant: UUID, keyID: UUID) throws(KeysError) {
        let now = clock.now()
        try change(tenant) { register throws(KeysError) in try register.noteTrial(of: keyID, at: now) }
    }

    /// The cutover to a key that was tried.
    package func activate(tenant: UUID, keyID: UUID, _ note: KeyNote) throws(KeysError) {
        try change(tenant) { register throws(KeysError) in try register.activate(keyID, note) }
    }

    /// Takes the latest cutover of a purpose back.
    /// - Returns: The key that signs again.
    package func rollBack(tenant: UUID, purpose: SealPurpose, _ note: KeyNote) throws(KeysError) -> UUID {
        try change(tenant) { register throws(KeysError) in try register.rollBack(purpose, note) }
    }

    /// Suspends, deactivates or revokes a key, or takes a suspended one up again.
    package func move(tenant: UUID, keyID: UUID, to state: KeyState, _ note: KeyNote) throws(KeysError) {
        try change(tenant) { register throws(KeysError) in try register.move(keyID, to: state, note) }
    }

    /// Overwrites a key that signs no more; what it signed verifies as before.
    ///
    /// Of a key in a token only our way to it is destroyed.
    package func destroy(tenant: UUID, keyID: UUID, _ note: KeyNote) throws(KeysError) {
        try change(tenant) { register throws(KeysError) in try register.move(keyID, to: .destroyed, note) }
        try seals.destroyKey(tenant: tenant, keyID: keyID)
    }

    private func change<Result>(
        _ tenant: UUID, _ body: (inout SealRegister) throws(KeysError) -> Result
    ) throws(KeysError) -> Result {
        let result = try seals.change(tenant: tenant, body)
        try giveSealToSigner(tenant)
        return result
    }
}
