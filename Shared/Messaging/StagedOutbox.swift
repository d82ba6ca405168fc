// SPDX-License-Identifier: Apache-2.0
import Clocks
import Contracts
import FoundationEssentials
import Postgres
import Tracing

/// Numbered rows that wait to be inserted.
struct StagedOutbox {
    let ids: [[String]]
    let insertion: PostgresStatement?

    init(ids: [[String]], insertion: PostgresStatement?) {
        self.ids = ids
        self.insertion = insertion
    }

    /// Numbers the messages from the first free number of each stream, in the order of the acts.
    init(_ acts: [Act], producer: String, time: Instant, streams: [MessageStream: Int64]) {
        var next = streams
        var rows = Rows()
        var ids: [[String]] = []
        for act in acts {
            let origin = Origin(act)
            var written: [String] = []
            func write(_ message: OutgoingMessage, after: String?) -> String {
                let stream = MessageStream(producer: producer, topic: message.topic, key: message.key)
                let seq = next[stream] ?? 1
                next[stream] = seq + 1
                rows.append(message, seq: seq, origin: origin, auditAfter: after)
                let id = stream.messageID(seq)
                written.append(id)
                return id
            }
            var after = act.cause?.auditAfter
            for message in act.audit { _ = write(message, after: act.cause?.auditAfter) }
            if !act.audit.isEmpty { after = written.last }
            for message in act.messages { _ = write(message, after: after) }
            ids.append(written)
        }
        self.ids = ids
        insertion = rows.insertion(time: time)
    }

    /// What all rows of an act share.
    private struct Origin {
        let correlationID: String?
        let causationID: String?
        let traceparent: String?

        init(_ act: Act) {
            let scope = Trace.current
            correlationID = (act.correlationID ?? act.cause?.correlationID ?? scope?.correlationID)?.text
            causationID = act.cause?.id
            traceparent = act.cause?.traceparent ?? scope?.traceContext.traceparent
        }
    }

    /// The columns of the insertion.
    private struct Rows {
        var topics: [String?] = []
        var lanes: [Int16] = []
        var keys: [UUID?] = []
        var seqs: [Int64] = []
        var types: [String?] = []
        var tenants: [UUID?] = []
        var correlations: [String?] = []
        var causations: [String?] = []
        var traces: [String?] = []
        var after: [String?] = []
        var payloads: [[UInt8]?] = []

        mutating func append(_ message: OutgoingMessage, seq: Int64, origin: Origin, auditAfter: String?) {
            topics.append(message.topic.name)
            lanes.append(Int16(LaneHash.lane(of: message.key, lanes: message.topic.lanes)))
            keys.append(message.key)
            seqs.append(seq)
            types.append(message.type)
            tenants.append(message.tenantID)
            correlations.append(origin.correlationID)
            causations.append(origin.causationID)
            traces.append(origin.traceparent)
            after.append(auditAfter)
            payloads.append(message.payload)
        }

        func insertion(time: Instant) -> PostgresStatement {
            PostgresStatement(
                """
                insert into outbox (day, written_at, topic, lane, key, seq, type, tenant_id, correlation_id,
                    causation_id, traceparent, audit_after, payload)
                select $1, $2, t.* from unnest($3::text[], $4::int2[], $5::uuid[], $6::int8[], $7::text[],
                    $8::uuid[], $9::text[], $10::text[], $11::text[], $12::text[], $13::bytea[]) as t
                """,
                [
                    .date(time), .timestamptz(time), .textArray(topics), .int2Array(lanes), .uuidArray(keys),
                    .int8Array(seqs), .textArray(types), .uuidArray(tenants), .textArray(correlations),
                    .textArray(causations), .textArray(traces), .textArray(after), .byteaArray(payloads),
                ])
        }
    }
}
