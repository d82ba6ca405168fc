// SPDX-License-Identifier: Apache-2.0
import Contracts
package import Postgres

/// The tables of messaging for a service schema, and the owner's step that lets readers see producers' outboxes.
package enum MessagingMigrations {
    /// Applied in each service's schema, before the service's own migrations.
    package static let all: [Migration] = [
        Migration(version: 1, name: "messaging", sql: text(PackageResources._001_messaging_sql)),
        Migration(version: 2, name: "messaging_functions", sql: text(PackageResources._002_messaging_functions_sql)),
    ]

    /// Connects all schemas that exist by now: rights of each service in its own, a view per topic for its readers.
    ///
    /// Run it as the owner after the migrations of any schema; it may be repeated at any time.
    package static func connect(as owner: PostgresPool) async throws {
        try await owner.withTransaction { transaction in
            _ = try await transaction.execute(
                PostgresStatement("select pg_advisory_xact_lock(hashtextextended('paraph.messaging', 0))"))
            let found = try await transaction.execute(
                PostgresStatement(
                    """
                    select n.nspname::text from pg_namespace n join pg_class c on c.relnamespace = n.oid
                    where c.relname = 'outbox_reader' and n.nspname = any ($1)
                    """, [.textArray(ServiceRole.allCases.map(\.schema))]))
            let schemas = try found.rows.compactMap { row in
                let name = try row.string(0)
                return ServiceRole.allCases.first { $0.schema == name }
            }
            for sql in statements(for: schemas) {
                _ = try await transaction.execute(PostgresStatement(sql))
            }
        }
    }

    /// The statements of `connect`; every name in them is a constant of this program.
    static func statements(for schemas: [ServiceRole]) -> [String] {
        schemas.flatMap { service in
            ownRights(of: service) + registrations(of: service) + restamping(of: service)
                + [cursors(of: service, among: schemas)]
        }
            + schemas.flatMap { views(of: $0, for: schemas) }
    }

    private static func ownRights(of service: ServiceRole) -> [String] {
        let (name, role) = (service.schema, service.name)
        return [
            "grant usage on schema \(name) to \(role)",
            "grant select, insert on \(name).outbox to \(role)",
            "grant select, insert, update on \(name).outbox_stream, \(name).lane_cursor, \(name).lane_lease to \(role)",
            """
            grant select, insert, update, delete on \(name).lane_member, \(name).stream_position, \
            \(name).dead_letters, \(name).parked_messages to \(role)
            """,
            "grant select on \(name).outbox_reader, \(name).outbox_cursor to \(role)",
            "grant select on sequence \(name).outbox_id_seq to \(role)",
            """
            grant execute on function \(name).ensure_outbox_day(date), \(name).drop_outbox_days(date, text) to \(role)
            """,
        ]
    }

    /// Registers readers, also those whose schema does not exist yet: nothing may be dropped before they have read it.
    private static func registrations(of service: ServiceRole) -> [String] {
        TopicRouting.routes.filter { $0.producers.contains(service) }.flatMap { route in
            route.readers.map { reader in
                """
                insert into \(service.schema).outbox_reader (topic, consumer, lanes)
                values ('\(route.topic.name)', '\(reader.consumer)', \(route.topic.lanes)) on conflict do nothing
                """
            }
        }
    }

    /// Gives rows that came from another cluster's dump this transaction's id; their order comes from `seq`.
    ///
    /// This cluster may not have reached the ids they carry, and then nobody would see them.
    private static func restamping(of service: ServiceRole) -> [String] {
        let cluster = "(select system_identifier from pg_control_system())"
        return [
            """
            update \(service.schema).outbox set transaction_id = pg_current_xact_id() where exists (
                select 1 from \(service.schema).outbox_cluster where system_identifier <> \(cluster))
            """,
            "delete from \(service.schema).outbox_cluster where system_identifier <> \(cluster)",
            """
            insert into \(service.schema).outbox_cluster select \(cluster)
            where not exists (select 1 from \(service.schema).outbox_cluster)
            """,
        ]
    }

    /// Cursors of another cluster, as after a restore, do not count.
    private static func cursors(of service: ServiceRole, among schemas: [ServiceRole]) -> String {
        let theirs = TopicRouting.routes.filter { $0.producers.contains(service) }.flatMap(\.readers)
        let readers = schemas.filter { $0 == service || theirs.contains($0) }
        let parts = readers.map { reader in
            """
            select consumer, topic, lane, transaction_id, id from \(reader.schema).lane_cursor
            where producer = '\(service.schema)'
                and consumer in ('\(reader.consumer)', '\(reader.relay)')
                and system_identifier = (select system_identifier from pg_control_system())
            """
        }
        return "create or replace view \(service.schema).outbox_cursor as " + parts.joined(separator: " union all ")
    }

    /// Plain views, because behind a security barrier the planner sorts a whole backlog for each poll.
    ///
    /// Measured with 100,000 rows waiting: 315 ms instead of 1.5 ms. No service's role may create a function, not even a
    /// temporary one, that could look past the view's condition.
    private static func views(of service: ServiceRole, for schemas: [ServiceRole]) -> [String] {
        TopicRouting.routes.filter { $0.producers.contains(service) }.flatMap { route in
            let view = "\(service.schema).\(TopicRouting.view(of: route.topic))"
            let readers = route.readers.filter { schemas.contains($0) }
            let roles = ([service] + readers).map(\.name).joined(separator: ", ")
            return [
                """
                create or replace view \(view) as
                select transaction_id, id, lane, key, seq, type, tenant_id, correlation_id, causation_id, traceparent,
                    audit_after, written_at, payload
                from \(service.schema).outbox where topic = '\(route.topic.name)'
                """,
                "grant usage on schema \(service.schema) to \(roles)",
                "grant select on \(view) to \(roles)",
            ]
        }
    }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
