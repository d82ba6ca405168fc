// SPDX-License-Identifier: Apache-2.0
package import Contracts
package import Postgres

/// Where a consumer reads: the producers' outboxes or a broker.
///
/// Writing is always the outbox.
package protocol MessageLog: Sendable {
    /// `postgres` or `kafka`, for logs and tests.
    var name: String { get }

    /// Joins the group named `consumer` and begins to hold lanes of the topics.
    ///
    /// - Throws: `PostgresError` or `KafkaError` when the log cannot be reached; the caller tries again.
    func subscribe(consumer: String, topics: [Topic]) async throws -> any MessageSubscription
}

/// One member's share of a group.
///
/// `ConsumerLoop` calls `next`, `acknowledge` and `release` one after the other, never at once; everything else may be
/// called at any time, from several batches.
package protocol MessageSubscription: Sendable {
    /// Background duties such as heartbeats; runs beside the loop and ends when its task is cancelled.
    func maintain() async

    /// Reads on behind what was read before, waiting at most `seconds` for something to arrive.
    ///
    /// Deliveries of one lane come in log order. A lane in `lost` or `revoking` gives nothing more. With a `maximum` of 0
    /// only news about lanes is given. Lanes in `pausing` give nothing this time and lose nothing.
    func next(maximum: Int, pausing: Set<LaneID>, waitingAtMost seconds: Double) async throws -> MessageBatch

    /// Makes a waiting `next` and all later ones return at once; called at shutdown.
    func interrupt()

    /// The lanes held now, by topic; used to find parked messages that a redrive set free.
    func heldLanes() -> [Topic: Set<Int>]

    /// Statements for the end of a transaction that handled messages of these lanes: they fail with SQLSTATE `PM001`
    /// when one of the lanes is no longer held.
    func fences(_ lanes: Set<LaneID>) throws -> [PostgresStatement]

    /// Everything up to these positions is settled and committed; called after transactions, at most every 200 ms, and
    /// before `release` and `close`. What a crash leaves unacknowledged is read again.
    func acknowledge(_ progress: [LaneProgress]) async throws

    /// Nothing of these lanes (which `next` named as `revoking`) is in hand any longer: others may take them.
    func release(_ lanes: Set<LaneID>) async throws

    /// Tells the world about dead letters (on Kafka the topic `<topic>.<group>.dlt`) before they are committed; may
    /// happen twice for one of them.
    func announce(_ deadLetters: [DeadLetter]) async throws

    /// Gives back all lanes and leaves the group.
    func close() async
}

extension MessageSubscription {
    /// Nothing to announce where the table of dead letters is all there is.
    package func announce(_ deadLetters: [DeadLetter]) async throws {}
}

/// A lane as one reader sees it: the `postgres` driver reads the same lane of each producer separately.
package struct LaneID: Sendable, Hashable {
    package let topic: Topic
    package let number: Int
    /// The producer's schema; empty where the log has merged the producers.
    package let producer: String

    /// Names a lane.
    package init(topic: Topic, number: Int, producer: String = "") {
        self.topic = topic
        self.number = number
        self.producer = producer
    }

    /// The same lane without its producer, as leases count lanes.
    package var merged: LaneID { LaneID(topic: topic, number: number) }
}

/// A place in a lane: (transaction id, row id) in an outbox, (0, offset) in a broker's partition.
package struct LanePosition: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let major: UInt64
    package let minor: Int64

    /// Before everything.
    package static let start = LanePosition(major: 0, minor: 0)

    /// Names a place.
    package init(major: UInt64, minor: Int64) {
        self.major = major
        self.minor = minor
    }

    package static func < (left: LanePosition, right: LanePosition) -> Bool {
        (left.major, left.minor) < (right.major, right.minor)
    }

    /// Both numbers, for operators.
    package var description: String { "\(major).\(minor)" }
}

/// How far a lane is settled: this position and all before it.
package struct LaneProgress: Sendable, Hashable {
    package let lane: LaneID
    package let position: LanePosition

    /// Joins a lane and the last settled position.
    package init(lane: LaneID, position: LanePosition) {
        self.lane = lane
        self.position = position
    }
}

/// One message with the place it was read from.
package struct Delivery: Sendable {
    package let message: InboundMessage
    package let lane: LaneID
    package let position: LanePosition

    /// Joins a message and its place.
    package init(message: InboundMessage, lane: LaneID, position: LanePosition) {
        self.message = message
        self.lane = lane
        self.position = position
    }
}

/// A record that is no message of ours (missing headers, unknown topic); it is dead-lettered as `malformed`.
package struct MalformedDelivery: Sendable {
    package let lane: LaneID
    package let position: LanePosition
    package let detail: String
    package let payload: [UInt8]

    /// Joins what is known of the record.
    package init(lane: LaneID, position: LanePosition, detail: String, payload: [UInt8]) {
        self.lane = lane
        self.position = position
        self.detail = detail
        self.payload = payload
    }
}

/// What one call of `next` brought.
package struct MessageBatch: Sendable {
    package var deliveries: [Delivery] = []
    package var malformed: [MalformedDelivery] = []
    /// Lanes that another member should get: finish what is in flight, drop the rest, then `release`.
    package var revoking: Set<LaneID> = []
    /// Lanes that another member already has: drop everything, commits would be fenced.
    package var lost: Set<LaneID> = []

    /// An empty batch.
    package init() {}
}
