// SPDX-License-Identifier: Apache-2.0

/// A message in memory on its way to being settled.
struct PendingMessage: Sendable {
    /// Where it came from, and so what has to be moved when it is settled.
    enum Origin: Sendable {
        /// A place in a lane's window.
        case log(LaneID, generation: Int, number: Int)
        /// A row of the parked messages that a redrive set free.
        case parked(LaneID)
    }

    let message: InboundMessage
    let origin: Origin
    let position: LanePosition

    var lane: LaneID {
        switch origin {
        case .log(let lane, _, _), .parked(let lane): lane
        }
    }

    var isParked: Bool {
        if case .parked = origin { true } else { false }
    }
}

/// What is handled together: whole runs of streams, sorted by stream and then by `seq`.
struct PendingBatch: Sendable {
    let runs: [Run]

    struct Run: Sendable {
        let stream: MessageStream
        var messages: [PendingMessage]
        /// How often the first message has failed so far.
        let attempts: Int
    }

    var count: Int { runs.reduce(0) { $0 + $1.messages.count } }
    var lanes: Set<LaneID> { Set(runs.lazy.flatMap { $0.messages.lazy.map(\.lane) }) }
}

/// What became of a batch.
enum BatchOutcome: Sendable {
    /// Committed.
    case committed(BatchReport)
    /// The handler refused; nothing changed.
    case failed(any Error)
    /// The database is away; nothing is known to have changed.
    case databaseAway(any Error)
    /// A lane has another holder, or a stream moved meanwhile; nothing changed.
    case superseded
}

/// Which messages of a committed batch are settled and which have to wait.
struct BatchReport: Sendable {
    enum Word: String, Sendable {
        case handled, duplicate, parked
        case deadLettered = "dead_lettered"
    }

    var settled: [(message: PendingMessage, word: Word)] = []
    /// Streams whose next message is not there yet.
    var gaps: Set<MessageStream> = []
    /// Streams whose handler is not ready.
    var unready: Set<MessageStream> = []
}
