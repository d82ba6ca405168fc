// SPDX-License-Identifier: Apache-2.0
import Clocks
import Keys
import Logging
import Messaging
import Postgres
import Storage

/// What the routes of the API and of the signing pages share.
struct IntakeContext: Sendable {
    let pool: PostgresPool
    let store: IntakeStore
    let outbox: OutboxWriter
    let waiters: EnvelopeWaiters
    let objects: any ObjectStore
    let vault: VaultClient
    let admission: Admission
    let proxies: TrustedProxies
    let clock: BusinessClock
    let ids: IDSource
    let logger: Logger
    /// What links and addresses begin with, without a slash at the end.
    let publicURL: String
}
