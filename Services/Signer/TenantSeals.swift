// SPDX-License-Identifier: Apache-2.0
import Clocks
import Cryptography
import FoundationEssentials
import Keys
import Logging
import Messaging
import Metrics
import PDFSigning
import ServiceKit

/// The seals that may be used now.
///
/// A tenant without an active one, or with one that is not valid at this moment, waits: its jobs are tried again until an
/// operator has put a seal there, and the log says which tenant it is.
struct TenantSeals: Sendable {
    private let store: SigningKeyStore
    private let clock: BusinessClock
    private let logger: Logger
    /// Counts every use of a signing key, also those whose signature is never stored.
    private let keyOperations: Counter
    private let credentials = GenerationCache<UUID, SigningCredential>(capacity: 512)

    init(keys: KeyStore, clock: BusinessClock, logger: Logger, keyOperations: Counter) throws {
        self.keyOperations = keyOperations
        store = try keys.signingKeys()
        self.clock = clock
        self.logger = logger
    }

    /// The seal with what its signatures have in common, encoded once.
    /// - Throws: `TransientFailure` with code `seal_missing` or `certificate_not_valid`; `KeysError`.
    func credential(of tenant: UUID) throws -> (seal: TenantSeal, credential: SigningCredential) {
        let seal = try seal(of: tenant)
        if let credential = credentials[seal.keyID] { return (seal, credential) }
        let credential = try SigningCredential(chain: seal.chain, algorithm: seal.algorithm) {
            [keyOperations, logger] digest in
            keyOperations.increment()
            do throws(KeysError) {
                return try await seal.sign(digest: digest)
            } catch {
                logger.error(
                    "a tenant's key gives no signature and its documents wait",
                    [.tenantID: .uuid(tenant), .error: .error(error)])
                throw error
            }
        }
        credentials[seal.keyID] = credential
        return (seal, credential)
    }

    private func seal(of tenant: UUID) throws -> TenantSeal {
        let seal: TenantSeal
        do throws(KeysError) {
            seal = try store.signer(tenant: tenant)
        } catch {
            guard case .noSeal = error else { throw error }
            throw waiting(
                tenant, "seal_missing",
                "a tenant has no active seal and its documents wait: run `paraph keys list` for it")
        }
        let now = clock.now()
        guard seal.chain.allSatisfy({ $0.notBefore <= now && now <= $0.notAfter }) else {
            throw waiting(
                tenant, "certificate_not_valid",
                "a tenant's certificate is not valid now and its documents wait: import and activate a renewed one")
        }
        return seal
    }

    private func waiting(_ tenant: UUID, _ code: String, _ message: StaticString) -> TransientFailure {
        logger.error(message, [.tenantID: .uuid(tenant), .errorCode: .string(code)])
        return TransientFailure(code: code)
    }

    /// Every tenant's register as it stands now; one that cannot be read is left out.
    func registers() throws -> [(tenant: UUID, register: SealRegister)] {
        try store.tenants().compactMap { tenant in
            (try? store.register(tenant: tenant)).map { (tenant, $0) }
        }
    }

    /// Whether the key store can be read.
    var isReachable: Bool { (try? store.tenants()) != nil }
}
