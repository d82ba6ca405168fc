// SPDX-License-Identifier: Apache-2.0
import Clocks
import Contracts
import Envelopes
import Postgres

/// One mail's row: its intent, and its outcome once there is one.
struct NotificationStore {
    /// What makes a mail this mail and no other.
    struct Key: Hashable {
        let tenantID: TenantID
        let requestID: RequestID
        let generation: Int
        let kind: NotificationKind
    }

    struct Outcome {
        let status: DeliveryStatus
        let reason: String?
    }

    /// Writes the intents of these mails, or counts one more attempt; answers the outcomes already known.
    static func intend(
        _ requests: [NotifyRecipientV1], channel: String, at now: Instant, in transaction: PostgresTransaction
    ) async throws -> [Key: Outcome] {
        let result = try await transaction.execute(
            PostgresStatement(
                """
                insert into deliveries as d
                  (tenant_id, request_id, generation, kind, requested_day, envelope_id, channel, attempts, intended_at)
                select t, r, g, k, day, e, $7, 1, $8
                from unnest($1::uuid[], $2::uuid[], $3::int4[], $4::text[], $5::date[], $6::uuid[]) as m(t, r, g, k, day, e)
                order by t, r, g, k
                on conflict (tenant_id, request_id, generation, kind, requested_day)
                do update set attempts = d.attempts + case when d.finished_at is null then 1 else 0 end
                returning tenant_id, request_id, generation, kind, status, reason, finished_at is not null
                """,
                [
                    .uuidArray(requests.map(\.tenantID.uuid)), .uuidArray(requests.map(\.requestID.uuid)),
                    .int4Array(requests.map { Int32($0.generation) }), .textArray(requests.map(\.kind.rawValue)),
                    .dateArray(requests.map(\.requestedAt)), .uuidArray(requests.map(\.envelopeID.uuid)),
                    .text(channel), .timestamptz(now),
                ]))
        var known: [Key: Outcome] = [:]
        for row in result.rows where try row.bool(6) {
            guard let kind = NotificationKind(rawValue: try row.string(3)),
                let status = DeliveryStatus(rawValue: try row.string(4))
            else { continue }
            let key = Key(
                tenantID: TenantID(try row.uuid(0)), requestID: RequestID(try row.uuid(1)), generation: try row.int(2),
                kind: kind)
            known[key] = Outcome(status: status, reason: try row.stringOrNil(5))
        }
        return known
    }

    /// The statement that notes outcomes of mails which still owe their answer; an outcome once noted stays.
    static func noting(_ results: [NotificationResult], at now: Instant) -> PostgresStatement {
        PostgresStatement(
            """
            update deliveries d set status = m.status, reason = m.reason, finished_at = $8
            from unnest($1::uuid[], $2::uuid[], $3::int4[], $4::text[], $5::date[], $6::text[], $7::text[])
              as m(t, r, g, k, day, status, reason)
            where d.tenant_id = m.t and d.request_id = m.r and d.generation = m.g and d.kind = m.k
              and d.requested_day = m.day and d.finished_at is null
            """, parameters(results, at: now))
    }

    /// Notes outcomes with their answer; tells which had none yet.
    static func finish(
        _ results: [NotificationResult], at now: Instant, in transaction: PostgresTransaction
    ) async throws -> Set<Key> {
        let result = try await transaction.execute(
            PostgresStatement(
                """
                update deliveries d
                set status = case when d.finished_at is null then m.status else d.status end,
                    reason = case when d.finished_at is null then m.reason else d.reason end,
                    finished_at = coalesce(d.finished_at, $8), answered_at = $8
                from unnest($1::uuid[], $2::uuid[], $3::int4[], $4::text[], $5::date[], $6::text[], $7::text[])
                  as m(t, r, g, k, day, status, reason)
                where d.tenant_id = m.t and d.request_id = m.r and d.generation = m.g and d.kind = m.k
                  and d.requested_day = m.day and d.answered_at is null
                returning d.tenant_id, d.request_id, d.generation, d.kind
                """, parameters(results, at: now)))
        var keys: Set<Key> = []
        for row in result.rows {
            guard let kind = NotificationKind(rawValue: try row.string(3)) else { continue }
            keys.insert(
                Key(
                    tenantID: TenantID(try row.uuid(0)), requestID: RequestID(try row.uuid(1)),
                    generation: try row.int(2), kind: kind))
        }
        return keys
    }

    private static func parameters(_ results: [NotificationResult], at now: Instant) -> [PostgresValue] {
        let requests = results.map(\.request)
        return [
            .uuidArray(requests.map(\.tenantID.uuid)), .uuidArray(requests.map(\.requestID.uuid)),
            .int4Array(requests.map { Int32($0.generation) }), .textArray(requests.map(\.kind.rawValue)),
            .dateArray(requests.map(\.requestedAt)), .textArray(results.map(\.outcome.status.rawValue)),
            .textArray(results.map(\.outcome.reason)), .timestamptz(now),
        ]
    }
}

extension NotifyRecipientV1 {
    var deliveryKey: NotificationStore.Key {
        NotificationStore.Key(tenantID: tenantID, requestID: requestID, generation: generation, kind: kind)
    }
}
