// SPDX-License-Identifier: Apache-2.0
package import Idempotency
package import Logging
package import ServiceKit

/// Deletes idempotency records whose time is over, in chunks, so that no transaction is long.
package struct IdempotencyPruner: Service {
    package let name = "idempotency-pruner"
    private let store: IdempotencyStore
    private let logger: Logger
    private let intervalSeconds: Double

    /// Looks every minute by default.
    package init(store: IdempotencyStore, logger: Logger, intervalSeconds: Double = 60) {
        self.store = store
        self.logger = logger
        self.intervalSeconds = intervalSeconds
    }

    package func run(until shutdown: ShutdownSignal) async throws {
        while await !shutdown.race(seconds: intervalSeconds) {
            do {
                while try await store.prune() == 500, !shutdown.isTriggered {}
            } catch {
                logger.warning("idempotency records not pruned; trying again later", [.error: .error(error)])
            }
        }
    }
}
