// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Contracts
import Envelopes
import Messaging
import Postgres

/// Keeps the read model: of each envelope the snapshot with the highest number, never an older one over a newer.
struct ReadModelHandler: MessageHandler {
    /// What mails, evidence and retention say stands in the snapshots that follow, so nothing else is read.
    static let topics: [Topic] = [.envelopeEvents]

    let store: IntakeStore
    let waiters: EnvelopeWaiters

    func handle(_ messages: [InboundMessage], in transaction: PostgresTransaction) async throws -> [Act] {
        var newest: [EnvelopeID: InboundMessage] = [:]
        for message in messages {
            guard message.type == EnvelopeEventV1.messageType else {
                throw PermanentFailure(code: "unknown_type", detail: message.type)
            }
            // Within a stream the sequence of events rises with `seq`, so the last one says it all.
            newest[EnvelopeID(message.key)] = message
        }
        guard !newest.isEmpty else { return [] }
        let events = try newest.sorted { $0.key < $1.key }.map { try NewestEvent($0.value) }
        let moved = try await store.apply(events, in: transaction)
        transaction.onCommit { [store, waiters] in
            store.recent.moved(moved)
            waiters.changed(moved)
        }
        return []
    }
}

/// An event with its snapshot's text as it came, which is what is stored.
struct NewestEvent {
    let event: EnvelopeEventV1
    let snapshot: [UInt8]

    /// - Throws: `PermanentFailure` for a payload that cannot be read.
    init(_ message: InboundMessage) throws(PermanentFailure) {
        event = try message.decode(EnvelopeEventV1.self)
        guard let snapshot = JSONText.member("snapshot", of: message.payload) else {
            throw PermanentFailure(code: "undecodable", detail: "missing snapshot")
        }
        self.snapshot = Array(snapshot)
    }
}

extension IntakeStore {
    /// Applies what is newer than the rows; one event for each envelope, sorted by envelope.
    ///
    /// - Returns: The envelopes that moved.
    /// - Throws: `PermanentFailure` for an envelope that intake never created.
    func apply(_ events: [NewestEvent], in transaction: PostgresTransaction) async throws -> [EnvelopeMove] {
        let rows = try await lock(events.map(\.event.snapshot), in: transaction)
        var changes: [Change] = []
        for newest in events {
            let event = newest.event
            guard let row = rows[event.snapshot.envelopeID] else {
                throw PermanentFailure(code: "unknown_envelope", detail: "envelope \(event.snapshot.envelopeID)")
            }
            guard event.sequence > row.sequence else { continue }
            let snapshot = event.snapshot
            changes.append(
                Change(
                    snapshot: snapshot, sequence: event.sequence, isReleased: row.isReleased,
                    text: newest.snapshot,
                    body: EnvelopeText.body(parts: row.parts, snapshot: snapshot, isReleased: row.isReleased)))
        }
        guard !changes.isEmpty else { return [] }
        _ = try await transaction.pipeline(
            [Self.envelopes(changes), Self.documents(changes), requests(changes)] + links(changes))
        return changes.map { EnvelopeMove(sequence: $0.sequence, snapshot: $0.snapshot) }
    }

    private struct Change {
        let snapshot: EnvelopeSnapshot
        let sequence: Int64
        let isReleased: Bool
        let text: [UInt8]
        let body: [UInt8]

        var status: String { EnvelopeText.status(of: snapshot, isReleased: isReleased) }
    }

    private struct Row {
        let sequence: Int64
        let isReleased: Bool
        let parts: [[UInt8]]
    }

    private func lock(
        _ snapshots: [EnvelopeSnapshot], in transaction: PostgresTransaction
    ) async throws -> [EnvelopeID: Row] {
        let result = try await transaction.execute(
            PostgresStatement(
                """
                select e.envelope_id, e.sequence, e.is_released, d.parts
                from unnest($1::uuid[], $2::uuid[]) as k(tenant_id, envelope_id)
                cross join lateral (
                    select * from envelopes e where e.tenant_id = k.tenant_id and e.envelope_id = k.envelope_id
                    for update
                ) as e
                cross join lateral (
                    select * from envelope_drafts d where d.tenant_id = k.tenant_id and d.envelope_id = k.envelope_id
                    offset 0
                ) as d
                """,
                [.uuidArray(snapshots.map(\.tenantID.uuid)), .uuidArray(snapshots.map(\.envelopeID.uuid))]))
        var rows: [EnvelopeID: Row] = [:]
        for row in result.rows {
            rows[EnvelopeID(try row.uuid(0))] = Row(
                sequence: try row.int64(1), isReleased: try row.bool(2), parts: try row.bytesArray(3).compactMap { $0 })
        }
        return rows
    }

    private static func envelopes(_ changes: [Change]) -> PostgresStatement {
        PostgresStatement(
            """
            update envelopes e set status = k.status, sequence = k.sequence, updated_at = k.updated_at,
                completed_at = k.completed_at, snapshot = k.snapshot
            from unnest($1::uuid[], $2::uuid[], $3::text[], $4::int8[], $5::timestamptz[], $6::timestamptz[], $7::bytea[])
                as k(tenant_id, envelope_id, status, sequence, updated_at, completed_at, snapshot)
            where e.tenant_id = k.tenant_id and e.envelope_id = k.envelope_id
            """,
            [
                .uuidArray(changes.map(\.snapshot.tenantID.uuid)), .uuidArray(changes.map(\.snapshot.envelopeID.uuid)),
                .textArray(changes.map(\.status)), .int8Array(changes.map(\.sequence)),
                .timestamptzArray(changes.map(\.snapshot.updatedAt)),
                .timestamptzArray(changes.map(\.snapshot.completedAt)), .byteaArray(changes.map(\.text)),
            ])
    }

    private static func documents(_ changes: [Change]) -> PostgresStatement {
        let rows = changes.flatMap { change in change.snapshot.documents.map { (change, $0) } }
        return PostgresStatement(
            """
            update documents d set status = k.status, completed_at = k.completed_at, signed_s3_key = k.signed,
                body = k.body
            from unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[], $5::uuid[], $6::bytea[])
                as k(tenant_id, document_id, status, completed_at, signed, body)
            where d.tenant_id = k.tenant_id and d.document_id = k.document_id
            """,
            [
                .uuidArray(rows.map(\.0.snapshot.tenantID.uuid)), .uuidArray(rows.map(\.1.documentID.uuid)),
                .textArray(rows.map(\.0.status)), .timestamptzArray(rows.map(\.0.snapshot.completedAt)),
                .uuidArray(
                    rows.map { change, document in
                        change.snapshot.artifacts.last {
                            $0.documentID == document.documentID && $0.kind == .signedDocument
                        }?.artifactID.uuid
                    }),
                .byteaArray(rows.map(\.0.body)),
            ])
    }

    private func requests(_ changes: [Change]) -> PostgresStatement {
        let rows = changes.flatMap { change in change.snapshot.signers.map { (change.snapshot, $0) } }
        return PostgresStatement(
            """
            update signing_requests r set status = k.status, generation = k.generation, signing_token_sha256 = k.digest,
                opened_at = k.opened_at, notified_at = k.notified_at, viewed_at = k.viewed_at, signed_at = k.signed_at,
                declined_at = k.declined_at
            from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::int4[], $6::bytea[], $7::timestamptz[],
                $8::timestamptz[], $9::timestamptz[], $10::timestamptz[], $11::timestamptz[])
                as k(tenant_id, envelope_id, request_id, status, generation, digest, opened_at, notified_at, viewed_at,
                    signed_at, declined_at)
            where r.tenant_id = k.tenant_id and r.envelope_id = k.envelope_id and r.request_id = k.request_id
                and (r.status, r.generation, r.opened_at, r.notified_at)
                    is distinct from (k.status, k.generation, k.opened_at, k.notified_at)
            """,
            [
                .uuidArray(rows.map(\.0.tenantID.uuid)), .uuidArray(rows.map(\.0.envelopeID.uuid)),
                .uuidArray(rows.map(\.1.requestID.uuid)), .textArray(rows.map(\.1.status.rawValue)),
                .int4Array(rows.map { Int32($0.1.generation) }),
                .byteaArray(rows.map { linkKey.digest(request: $0.1.requestID, generation: $0.1.generation) }),
                .timestamptzArray(rows.map(\.1.openedAt)), .timestamptzArray(rows.map(\.1.notifiedAt)),
                .timestamptzArray(rows.map(\.1.viewedAt)), .timestamptzArray(rows.map(\.1.signedAt)),
                .timestamptzArray(rows.map(\.1.declinedAt)),
            ])
    }

    /// Links of later generations; those of the first are there since the creation.
    private func links(_ changes: [Change]) -> [PostgresStatement] {
        changes.flatMap { change in
            change.snapshot.signers.filter { $0.generation > 1 }.map {
                insertLink(
                    request: $0.requestID, generation: $0.generation, envelope: change.snapshot.envelopeID,
                    tenant: change.snapshot.tenantID)
            }
        }
    }
}
