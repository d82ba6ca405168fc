// SPDX-License-Identifier: Apache-2.0
import Clocks
import Cryptography
import FoundationEssentials
import Keys
import Logging
import Messaging
import Synchronization

/// The seals that may be used now.
///
/// A tenant without one, or with one that is not valid at this moment, waits: its jobs are tried again until an
/// operator has put a seal there, and the log says which tenant it is.
final class TenantSeals: Sendable {
    private let keys: KeyStore
    private let clock: BusinessClock
    private let logger: Logger
    private let store: Mutex<SigningKeyStore>

    init(keys: KeyStore, clock: BusinessClock, logger: Logger) throws {
        self.keys = keys
        self.clock = clock
        self.logger = logger
        store = Mutex(try keys.signingKeys())
    }

    /// - Throws: `TransientFailure` with code `seal_missing`, `certificate_not_valid` or `seal_unsupported`; `KeysError`.
    func seal(of tenant: UUID) throws -> TenantSeal {
        let now = clock.now()
        do {
            let seal = try current.signer(tenant: tenant)
            if Self.isValid(seal, at: now) { return try usable(seal) }
            // The one in memory may have been replaced on disk.
            let fresh = try keys.signingKeys()
            let renewed = try fresh.signer(tenant: tenant)
            if Self.isValid(renewed, at: now) {
                store.withLock { $0 = fresh }
                return try usable(renewed)
            }
        } catch KeysError.noSeal {
            throw waiting(
                tenant, "seal_missing", "a tenant has no seal and its documents wait: run `paraph keys tenant`")
        }
        throw waiting(
            tenant, "certificate_not_valid",
            "a tenant's certificate is not valid now and its documents wait: import a renewed one")
    }

    /// The digest of what is signed is made while the document is read, before it is known who signs: SHA-256.
    private func usable(_ seal: TenantSeal) throws -> TenantSeal {
        if seal.algorithm.digest == .sha256 { return seal }
        throw waiting(
            seal.tenant, "seal_unsupported",
            "a tenant's seal needs another digest than SHA-256 and its documents wait: import an RSA or P-256 seal")
    }

    private func waiting(_ tenant: UUID, _ code: String, _ message: StaticString) -> TransientFailure {
        logger.error(message, [.tenantID: .uuid(tenant), .errorCode: .string(code)])
        return TransientFailure(code: code)
    }

    /// When the first of all seals ends; nil without any.
    func firstExpiry() throws -> Instant? {
        let store = current
        return try store.tenants().compactMap { try? store.signer(tenant: $0).expiresAt }.min()
    }

    /// Whether the key store can be read.
    var isReachable: Bool { (try? current.tenants()) != nil }

    private var current: SigningKeyStore { store.withLock { $0 } }

    private static func isValid(_ seal: TenantSeal, at now: Instant) -> Bool {
        seal.chain.allSatisfy { $0.notBefore <= now && now <= $0.notAfter }
    }
}
