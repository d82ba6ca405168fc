// SPDX-License-Identifier: Apache-2.0
import Clocks
import Logging
import Postgres
import ServiceKit

/// Deletes uploads that can no longer be used, in chunks, so that no transaction is long.
///
/// Their stored objects stay: envelopes that began with them refer to the same objects.
struct UploadPruner: Service {
    static let chunk = 500

    let name = "upload-pruner"
    let pool: PostgresPool
    let clock: BusinessClock
    let logger: Logger

    /// Looks every minute.
    func run(until shutdown: ShutdownSignal) async throws {
        while await !shutdown.race(seconds: 60) {
            do {
                while try await prune() == Self.chunk, !shutdown.isTriggered {}
            } catch {
                logger.warning("uploads not pruned; trying again later", [.error: .error(error)])
            }
        }
    }

    /// Deletes one chunk.
    /// - Returns: How many were deleted; a full chunk means that there may be more.
    func prune() async throws -> Int {
        try await pool.execute(
            PostgresStatement(
                """
                delete from uploads where (tenant_id, upload_id) in (
                    select tenant_id, upload_id from uploads where expires_at <= $1 limit \(Self.chunk))
                """, [.timestamptz(clock.now())])
        ).affectedRows
    }
}
