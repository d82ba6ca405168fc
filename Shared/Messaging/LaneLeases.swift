// SPDX-License-Identifier: Apache-2.0
package import Contracts
import FoundationEssentials
package import Logging
package import Postgres
import Synchronization

/// One member's leases on lanes: renewed every 2 s, expired after 6 s by the database's clock, fenced by epoch.
///
/// A member holds at most its fair share. What it holds beyond is reported as revoking, and given back once nothing of
/// it is in hand, so that nothing is done twice when a member joins.
package final class LaneLeases: Sendable {
    /// What changed since the last look.
    package struct Changes: Sendable {
        package var gained: Set<LaneID> = []
        package var revoking: Set<LaneID> = []
        package var lost: Set<LaneID> = []
        package var isEmpty: Bool { gained.isEmpty && revoking.isEmpty && lost.isEmpty }
    }

    fileprivate struct Held {
        let epoch: Int64
        var isRevoking = false
    }

    fileprivate struct State {
        var held: [LaneID: Held] = [:]
        /// Until when the leases are good without another heartbeat, by this process's clock.
        var deadline = ContinuousClock.now
        var changes = Changes()
    }

    package static let heartbeatSeconds = 2.0
    package static let expirySeconds = 6.0

    package let consumer: String
    private let topics: [Topic]
    private let member = UUID()
    private let pool: PostgresPool
    private let logger: Logger
    private let state = Mutex(State())
    private let onChange: @Sendable () -> Void

    /// A new member, which holds nothing until its first `beat`; `onChange` is called after a heartbeat brought news.
    package init(
        consumer: String, topics: [Topic], pool: PostgresPool, logger: Logger,
        onChange: @escaping @Sendable () -> Void = {}
    ) {
        self.consumer = consumer
        self.topics = topics.sorted { $0.name < $1.name }
        self.pool = pool
        self.logger = logger
        self.onChange = onChange
    }

    /// Makes the rows of all lanes; needed once before the first heartbeat.
    package func prepare() async throws {
        var names: [String?] = []
        var lanes: [Int16] = []
        for topic in topics {
            for lane in 0..<topic.lanes {
                names.append(topic.name)
                lanes.append(Int16(lane))
            }
        }
        _ = try await pool.execute(
            PostgresStatement(
                """
                insert into lane_lease (consumer, topic, lane)
                select $1, t.topic, t.lane from unnest($2::text[], $3::int2[]) as t(topic, lane) on conflict do nothing
                """, [.text(consumer), .textArray(names), .int2Array(lanes)]))
    }

    /// Renews and takes lanes until its task is cancelled.
    package func maintain() async {
        while !Task.isCancelled {
            do {
                try await beat()
            } catch {
                logger.warning("lane heartbeat failed", [.consumer: .string(consumer), .error: .error(error)])
            }
            try? await Task.sleep(for: .seconds(Self.heartbeatSeconds))
        }
    }

    /// One heartbeat for all topics, in one round trip.
    package func beat() async throws {
        let sent = ContinuousClock.now
        let results = try await pool.batch(
            topics.map { topic in
                PostgresStatement(
                    "select lane, epoch, share from lane_heartbeat($1, $2, $3, $4, make_interval(secs => $5))",
                    [
                        .text(consumer), .text(topic.name), .int4(Int32(topic.lanes)), .uuid(member),
                        .float8(Self.expirySeconds),
                    ])
            })
        var held: [LaneID: Int64] = [:]
        var shares: [Topic: Int] = [:]
        for (topic, result) in zip(topics, results) {
            for row in result.rows {
                shares[topic] = try row.int(2)
                guard let lane = try row.intOrNil(0) else { continue }
                held[LaneID(topic: topic, number: lane)] = try row.int64(1)
            }
        }
        let isNews = state.withLock { state in
            state.deadline = sent.advanced(by: .seconds(Self.expirySeconds))
            state.update(held: held, shares: shares)
            return !state.changes.isEmpty
        }
        if isNews { onChange() }
    }

    /// What changed since the last call.
    package func takeChanges() -> Changes {
        state.withLock { state in
            defer { state.changes = Changes() }
            return state.changes
        }
    }

    /// The lanes that may be worked on; none while heartbeats have failed for longer than the expiry.
    package func held() -> Set<LaneID> {
        state.withLock { state in
            guard ContinuousClock.now < state.deadline else { return [] }
            return Set(state.held.filter { !$0.value.isRevoking }.keys)
        }
    }

    /// A statement for the end of a transaction, which fails with SQLSTATE `PM001` when a lane has a new holder.
    ///
    /// It keeps takers away until the commit. Lanes count without their producer.
    ///
    /// - Throws: `LaneLost` when this member knows already that it does not hold one of them.
    package func fence(_ lanes: Set<LaneID>) throws -> PostgresStatement {
        let lanes = Set(lanes.map(\.merged))
        var names: [String?] = []
        var numbers: [Int16] = []
        var epochs: [Int64] = []
        try state.withLock { state throws(LaneLost) in
            for lane in lanes {
                guard let held = state.held[lane] else { throw LaneLost() }
                names.append(lane.topic.name)
                numbers.append(Int16(lane.number))
                epochs.append(held.epoch)
            }
        }
        return PostgresStatement(
            "select fence_lanes($1, $2, $3, $4, $5)",
            [.text(consumer), .uuid(member), .textArray(names), .int2Array(numbers), .int8Array(epochs)])
    }

    /// Gives back lanes of which nothing is in hand any longer.
    package func release(_ lanes: Set<LaneID>) async throws {
        let lanes = Set(lanes.map(\.merged))
        guard !lanes.isEmpty else { return }
        _ = try await pool.execute(
            PostgresStatement(
                "select lane_release($1, $2, $3, $4)",
                [
                    .text(consumer), .textArray(lanes.map(\.topic.name)), .int2Array(lanes.map { Int16($0.number) }),
                    .uuid(member),
                ]))
        state.withLock { state in
            for lane in lanes { state.held[lane] = nil }
        }
    }

    /// Gives back everything and leaves the group; when the database is away the leases expire instead.
    package func close() async {
        _ = try? await pool.execute(
            PostgresStatement(
                "select lane_release($1, $2, $3, $4)",
                [.text(consumer), .textArray(topics.map(\.name)), .null, .uuid(member)]))
        state.withLock { $0.held = [:] }
    }
}

/// A lane was taken by another member; what was done for it must not be committed.
package struct LaneLost: Error {}

extension LaneLeases.State {
    fileprivate mutating func update(held now: [LaneID: Int64], shares: [Topic: Int]) {
        for (lane, old) in held where now[lane] != old.epoch {
            held[lane] = nil
            changes.gained.remove(lane)
            changes.revoking.remove(lane)
            changes.lost.insert(lane)
        }
        for (lane, epoch) in now where held[lane] == nil {
            held[lane] = .init(epoch: epoch)
            changes.gained.insert(lane)
        }
        for (topic, share) in shares {
            let ours = held.filter { $0.key.topic == topic && !$0.value.isRevoking }
            let surplus = ours.keys.sorted { $0.number > $1.number }.prefix(max(0, ours.count - share))
            for lane in surplus {
                held[lane]?.isRevoking = true
                changes.revoking.insert(lane)
            }
        }
    }
}
