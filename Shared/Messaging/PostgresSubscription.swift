// SPDX-License-Identifier: Apache-2.0
import Contracts
import Logging
import Postgres
import Synchronization

/// Reads the lanes that leases give to this member, each from its own cursor, with one round trip for all of them.
final class PostgresSubscription: MessageSubscription {
    private struct State {
        /// How far each lane was read, which is further than it is settled.
        var read: [LaneID: LanePosition] = [:]
        /// Lanes whose cursors are not loaded yet.
        var gained: Set<LaneID> = []
        /// Sources that may have more than what was read.
        var due: Set<OutboxSource> = []
        /// Nil when nothing waited above the horizon at the last look, else how soon to look again.
        var horizonPause: Double?
        /// When all sources were last due, whatever was or was not notified.
        var lastFullLook: ContinuousClock.Instant?
    }

    /// How long a lost notification can go unnoticed.
    private static let fallbackSeconds = 0.5

    private let consumer: String
    private let sources: [OutboxSource]
    private let pool: PostgresPool
    private let wakeUp: WakeUp
    private let bell: Doorbell
    private let leases: LaneLeases
    private let state = Mutex(State())

    init(consumer: String, sources: [OutboxSource], pool: PostgresPool, wakeUp: WakeUp, logger: Logger) {
        self.consumer = consumer
        self.sources = sources
        self.pool = pool
        self.wakeUp = wakeUp
        let bell = wakeUp.listener(to: Set(sources.map(\.name)))
        self.bell = bell
        leases = LaneLeases(
            consumer: consumer, topics: Array(Set(sources.map(\.topic))), pool: pool, logger: logger,
            onChange: { bell.ringAll() })
    }

    func join() async throws {
        try await leases.prepare()
        try await leases.beat()
    }

    func maintain() async { await leases.maintain() }

    func interrupt() { bell.close() }

    func heldLanes() -> [Topic: Set<Int>] {
        Dictionary(grouping: leases.held(), by: \.topic).mapValues { Set($0.map(\.number)) }
    }

    func release(_ lanes: Set<LaneID>) async throws { try await leases.release(lanes) }

    func close() async {
        wakeUp.remove(bell)
        await leases.close()
    }

    // MARK: - Reading

    func next(maximum: Int, pausing: Set<LaneID>, waitingAtMost seconds: Double) async throws -> MessageBatch {
        await wait(seconds: seconds, mayRead: maximum > 0)
        var batch = MessageBatch()
        try await takeLaneChanges(into: &batch)
        guard maximum > 0 else { return batch }
        let held = leases.held()
        let (due, read) = state.withLock { ($0.due, $0.read) }
        var lanes: [OutboxSource: [(LaneID, LanePosition)]] = [:]
        for source in due {
            lanes[source] = held.filter { $0.topic == source.topic }.map { source.lane($0.number) }
                .filter { !pausing.contains($0) }.sorted { $0.number < $1.number }
                .compactMap { lane in read[lane].map { (lane, $0) } }
        }
        let polled = sources.filter { lanes[$0]?.isEmpty == false }
        let count = polled.reduce(0) { $0 + (lanes[$1]?.count ?? 0) }
        guard count > 0 else {
            state.withLock { $0.due = [] }
            return batch
        }
        let limit = max(4, min(100, 2 * maximum / count + 1))
        let results = try await pool.batch(
            [OutboxPoll.planning] + polled.map { OutboxPoll.statement($0, lanes[$0] ?? [], limit: limit) })
        var look = Look(limit: limit)
        for (source, result) in zip(polled, results.dropFirst()) { try look.take(result, of: source) }
        batch.deliveries = look.deliveries
        state.withLock { state in
            for (lane, position) in look.positions where state.read[lane] != nil { state.read[lane] = position }
            state.due = look.stillDue
            let pause = look.deliveries.isEmpty ? (state.horizonPause ?? 0) * 2 : 0
            state.horizonPause = look.isHorizonNear ? min(max(pause, 0.002), 0.016) : nil
        }
        return batch
    }

    /// What one round trip to the outboxes brought.
    private struct Look {
        let limit: Int
        var deliveries: [Delivery] = []
        var positions: [LaneID: LanePosition] = [:]
        /// Sources that have more to give, now or once their rows are below the horizon.
        var stillDue: Set<OutboxSource> = []
        var isHorizonNear = false

        init(limit: Int) { self.limit = limit }

        mutating func take(_ result: PostgresResult, of source: OutboxSource) throws {
            var counts: [Int: Int] = [:]
            for row in result.rows {
                guard !OutboxPoll.isAboveHorizon(row) else {
                    stillDue.insert(source)
                    isHorizonNear = true
                    continue
                }
                let delivery = try OutboxPoll.delivery(row, of: source)
                deliveries.append(delivery)
                positions[delivery.lane] = delivery.position
                counts[delivery.lane.number, default: 0] += 1
            }
            if counts.values.contains(where: { $0 >= limit }) { stillDue.insert(source) }
        }
    }

    /// Waits for a wake-up, 2 ms (longer when that brought nothing) when rows wait above the horizon, not at all when a
    /// lane was not read to its end.
    private func wait(seconds: Double, mayRead: Bool) async {
        let (isDue, horizonPause) = state.withLock { (!$0.due.isEmpty, $0.horizonPause) }
        let patience = mayRead && isDue ? min(seconds, horizonPause ?? 0) : seconds
        let ring = await bell.wait(seconds: patience)
        let now = ContinuousClock.now
        state.withLock { state in
            let isFullLook =
                ring.isAll || (state.lastFullLook?.advanced(by: .seconds(Self.fallbackSeconds)) ?? now) <= now
            if isFullLook { state.lastFullLook = now }
            state.due.formUnion(isFullLook ? sources : sources.filter { ring.sources.contains($0.name) })
        }
    }

    private func takeLaneChanges(into batch: inout MessageBatch) async throws {
        let changes = leases.takeChanges()
        let gained = state.withLock { state in
            for lane in lanes(changes.lost) + lanes(changes.revoking) {
                state.read[lane] = nil
                state.gained.remove(lane)
            }
            state.gained.formUnion(lanes(changes.gained.subtracting(changes.revoking)))
            return state.gained
        }
        batch.lost = Set(lanes(changes.lost))
        batch.revoking = Set(lanes(changes.revoking))
        guard !gained.isEmpty else { return }
        let cursors = try await LaneCursors.load(gained, consumer: consumer, pool: pool)
        state.withLock { state in
            for (lane, position) in cursors where state.gained.remove(lane) != nil { state.read[lane] = position }
            state.due.formUnion(sources)
        }
    }

    private func lanes(_ held: Set<LaneID>) -> [LaneID] {
        held.flatMap { lane in sources.filter { $0.topic == lane.topic }.map { $0.lane(lane.number) } }
    }

    // MARK: - Settling

    func fences(_ lanes: Set<LaneID>) throws -> [PostgresStatement] { [try leases.fence(lanes)] }

    /// The commit need not be on disk: a cursor that a crash sets back only makes messages be read again.
    func acknowledge(_ progress: [LaneProgress]) async throws {
        guard !progress.isEmpty else { return }
        _ = try await pool.batch([
            PostgresStatement.withoutWaitingForDisk, try leases.fence(Set(progress.map(\.lane))),
            LaneCursors.moving(progress, consumer: consumer),
        ])
    }
}
