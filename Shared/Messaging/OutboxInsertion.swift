// SPDX-License-Identifier: Apache-2.0
import Clocks
import Contracts
import FoundationEssentials
import Postgres
import Tracing

/// The one statement that takes the numbers of all streams that acts write to, and inserts their rows.
///
/// The database numbers: a row knows its stream and how many rows of the same stream come behind it.
struct OutboxInsertion {
    /// A row's place before its stream's numbers are known.
    private struct Place {
        var stream: MessageStream
        /// From 0 within what this statement writes to the stream.
        var index: Int64
    }

    private let producer: String
    private var counts: [MessageStream: Int64] = [:]
    private var rows: [(message: OutgoingMessage, place: Place, origin: Origin, after: After?)] = []

    /// What a row's `audit_after` says: an event that is known already, or one that this statement numbers.
    private enum After {
        case known(String)
        case written(Place)
    }

    /// What all rows of an act share.
    private struct Origin {
        let correlationID: String?
        let causationID: String?
        let traceparent: String?

        init(_ act: Act) {
            let scope = act.trace ?? Trace.current
            correlationID = (act.correlationID ?? act.cause?.correlationID ?? scope?.correlationID)?.text
            causationID = act.cause?.id
            traceparent = act.cause?.traceparent ?? scope?.traceContext.traceparent
        }
    }

    /// Places the messages in the order of the acts, each act's audit events first.
    init(_ acts: [Act], producer: String) {
        self.producer = producer
        for act in acts {
            let origin = Origin(act)
            let cause = act.cause?.auditAfter.map { After.known($0) }
            for message in act.audit { append(message, origin, after: cause) }
            let after = act.audit.isEmpty ? cause : rows.last.map { .written($0.place) }
            for message in act.messages { append(message, origin, after: after) }
        }
    }

    private mutating func append(_ message: OutgoingMessage, _ origin: Origin, after: After?) {
        let stream = MessageStream(producer: producer, topic: message.topic, key: message.key)
        let place = Place(stream: stream, index: counts[stream] ?? 0)
        counts[stream] = place.index + 1
        rows.append((message, place, origin, after))
    }

    var isEmpty: Bool { rows.isEmpty }

    /// The topics written to.
    var topics: Set<Topic> { Set(counts.keys.map(\.topic)) }

    /// Locks the streams in key order.
    ///
    /// Should their numbers ever not come back in that order, every `seq` is null and the insertion is refused.
    func statement(time: Instant) -> PostgresStatement {
        let streams = counts.keys.sorted()
        let numbers = Dictionary(uniqueKeysWithValues: zip(streams, 1...))
        var columns = Columns()
        for row in rows {
            columns.append(row.message, stream: numbers[row.place.stream] ?? 0, behind: behind(row.place))
            columns.append(row.origin)
            switch row.after {
            case .known(let id): columns.append(after: id, stream: 0, behind: 0)
            case .written(let place):
                let number = numbers[place.stream] ?? 0
                columns.append(after: place.stream.messagePrefix, stream: number, behind: behind(place))
            case nil: columns.append(after: nil, stream: 0, behind: 0)
            }
        }
        return PostgresStatement(
            """
            with numbered as (
                insert into outbox_stream as s (topic, key, last_seq)
                select * from unnest($1::text[], $2::uuid[], $3::int8[])
                on conflict (key, topic) do update set last_seq = s.last_seq + excluded.last_seq
                returning topic, key, last_seq
            ), streams as (
                select case when array_agg(topic) = $1 and array_agg(key) = $2 then array_agg(last_seq) end as last_seqs
                from numbered
            )
            insert into outbox (day, written_at, topic, lane, key, seq, type, tenant_id, correlation_id,
                causation_id, traceparent, audit_after, payload)
            select $4, $5, t.topic, t.lane, t.key, (select last_seqs from streams)[t.stream] - t.behind, t.type,
                t.tenant_id, t.correlation_id, t.causation_id, t.traceparent,
                case when t.after_stream = 0 then t.audit_after
                    else t.audit_after || ((select last_seqs from streams)[t.after_stream] - t.after_behind) end,
                t.payload
            from unnest($6::text[], $7::int2[], $8::uuid[], $9::int4[], $10::int8[], $11::text[], $12::uuid[],
                $13::text[], $14::text[], $15::text[], $16::text[], $17::int4[], $18::int8[], $19::bytea[])
                as t(topic, lane, key, stream, behind, type, tenant_id, correlation_id, causation_id, traceparent,
                    audit_after, after_stream, after_behind, payload)
            """,
            [
                .textArray(streams.map(\.topic.name)), .uuidArray(streams.map(\.key)),
                .int8Array(streams.map { counts[$0] ?? 0 }), .date(time), .timestamptz(time),
            ] + columns.values)
    }

    private func behind(_ place: Place) -> Int64 { (counts[place.stream] ?? 0) - 1 - place.index }

    /// The columns of the insertion.
    private struct Columns {
        private var topics: [String?] = []
        private var lanes: [Int16] = []
        private var keys: [UUID?] = []
        private var streams: [Int32] = []
        private var behind: [Int64] = []
        private var types: [String?] = []
        private var tenants: [UUID?] = []
        private var correlations: [String?] = []
        private var causations: [String?] = []
        private var traces: [String?] = []
        private var after: [String?] = []
        private var afterStreams: [Int32] = []
        private var afterBehind: [Int64] = []
        private var payloads: [[UInt8]?] = []

        mutating func append(_ message: OutgoingMessage, stream: Int, behind: Int64) {
            topics.append(message.topic.name)
            lanes.append(Int16(LaneHash.lane(of: message.key, lanes: message.topic.lanes)))
            keys.append(message.key)
            streams.append(Int32(stream))
            self.behind.append(behind)
            types.append(message.type)
            tenants.append(message.tenantID)
            payloads.append(message.payload)
        }

        mutating func append(_ origin: Origin) {
            correlations.append(origin.correlationID)
            causations.append(origin.causationID)
            traces.append(origin.traceparent)
        }

        mutating func append(after text: String?, stream: Int, behind: Int64) {
            after.append(text)
            afterStreams.append(Int32(stream))
            afterBehind.append(behind)
        }

        var values: [PostgresValue] {
            [
                .textArray(topics), .int2Array(lanes), .uuidArray(keys), .int4Array(streams), .int8Array(behind),
                .textArray(types), .uuidArray(tenants), .textArray(correlations), .textArray(causations),
                .textArray(traces), .textArray(after), .int4Array(afterStreams), .int8Array(afterBehind),
                .byteaArray(payloads),
            ]
        }
    }
}
