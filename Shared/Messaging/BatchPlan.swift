// SPDX-License-Identifier: Apache-2.0
import Contracts
import FoundationEssentials
import Postgres

/// What the stored positions say about each message of a batch: apply, drop, park or wait.
struct BatchPlan {
    struct Position {
        var next: Int64
        var isParked: Bool
    }

    /// To be handled now, by stream and then by `seq`.
    private(set) var apply: [PendingMessage] = []
    /// Handled before.
    private(set) var duplicates: [PendingMessage] = []
    /// Dead or parked before: nothing to do here.
    private(set) var stored: [PendingMessage] = []
    /// Behind a dead letter of their stream.
    private(set) var park: [PendingMessage] = []
    private(set) var gaps: Set<MessageStream> = []
    private(set) var unready: Set<MessageStream> = []
    private let positions: [MessageStream: Position]

    init(_ batch: PendingBatch, positions: [MessageStream: Position]) {
        self.positions = positions
        for run in batch.runs {
            let position = positions[run.stream] ?? Position(next: 1, isParked: false)
            var next = position.next
            for pending in run.messages {
                let seq = pending.message.seq
                if seq < next {
                    duplicates.append(pending)
                } else if position.isParked {
                    // The dead letter itself is stored already, and so is what an earlier redrive had set free.
                    if seq == position.next || pending.isParked { stored.append(pending) } else { park.append(pending) }
                } else if seq == next {
                    apply.append(pending)
                    next += 1
                } else {
                    gaps.insert(run.stream)
                }
            }
        }
    }

    var messages: [InboundMessage] { apply.map(\.message) }

    /// Where each stream to be applied stands and where it will stand.
    var moves: [(stream: MessageStream, expected: Int64, next: Int64)] {
        var moves: [(stream: MessageStream, expected: Int64, next: Int64)] = []
        for pending in apply {
            if moves.last?.stream == pending.message.stream {
                moves[moves.count - 1].next = pending.message.seq + 1
            } else {
                moves.append((pending.message.stream, pending.message.seq, pending.message.seq + 1))
            }
        }
        return moves
    }

    /// Takes out messages that the handler holds back, and what follows them in their streams.
    mutating func hold(_ ids: Set<String>) {
        guard !ids.isEmpty else { return }
        var kept: [PendingMessage] = []
        for pending in apply {
            if !unready.contains(pending.message.stream) && !ids.contains(pending.message.id) {
                kept.append(pending)
            } else {
                unready.insert(pending.message.stream)
            }
        }
        apply = kept
    }

    /// The report of a commit of this plan.
    func report(applied word: BatchReport.Word) -> BatchReport {
        var report = BatchReport(gaps: gaps, unready: unready)
        report.settled = apply.map { ($0, word) } + (duplicates + stored).map { ($0, .duplicate) }
        report.settled += park.map { ($0, .parked) }
        return report
    }
}

/// The statements of stream positions and parked messages.
enum StreamPositions {
    /// Reads and locks positions, in the order given; the streams come sorted.
    static func lock(_ streams: [MessageStream], consumer: String) -> PostgresStatement {
        PostgresStatement(
            """
            select t.place, p.next_seq, p.is_parked
            from unnest($2::text[], $3::text[], $4::uuid[]) with ordinality as t(producer, topic, key, place)
            cross join lateral (
                select s.next_seq, s.is_parked from stream_position s
                where s.consumer = $1 and s.producer = t.producer and s.topic = t.topic and s.key = t.key
                for no key update
            ) p
            """, [.text(consumer)] + columns(streams))
    }

    static func positions(
        _ result: PostgresResult, of streams: [MessageStream]
    ) throws -> [MessageStream: BatchPlan.Position] {
        var positions: [MessageStream: BatchPlan.Position] = [:]
        for row in result.rows {
            positions[streams[try row.int(0) - 1]] = BatchPlan.Position(
                next: try row.int64(1), isParked: try row.bool(2))
        }
        return positions
    }

    /// Moves positions; fails with SQLSTATE `PM002` when one is no longer where it was.
    static func advance(
        _ moves: [(stream: MessageStream, expected: Int64, next: Int64)], isParked: Bool = false, consumer: String
    ) -> PostgresStatement {
        PostgresStatement(
            "select advance_streams($1, $2, $3, $4, $5, $6, $7)",
            [.text(consumer)] + columns(moves.map(\.stream)) + [
                .int8Array(moves.map(\.expected)), .int8Array(moves.map(\.next)),
                .boolArray(moves.map { _ in isParked }),
            ])
    }

    static func columns(_ streams: [MessageStream]) -> [PostgresValue] {
        [
            .textArray(streams.map(\.producer)), .textArray(streams.map(\.topic.name)), .uuidArray(streams.map(\.key)),
        ]
    }
}
