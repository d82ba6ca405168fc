// SPDX-License-Identifier: Apache-2.0
import Clocks
import Contracts
import Envelopes
import Foundation
import Keys
import Messaging
import Metrics
import Postgres
import Synchronization
import TestSupport
import Tracing

@testable import Notifier

/// A transport that keeps what it is given, and fails as it is told.
final class RecordingTransport: MailTransport {
    let channel = "test"
    private let state = Mutex<(sent: [MailMessage], failures: [String: MailFailure])>(([], [:]))

    var sent: [MailMessage] { state.withLock { $0.sent } }

    /// Mails to the address fail like this; nil ends it.
    func fail(_ address: String, with failure: MailFailure?) { state.withLock { $0.failures[address] = failure } }

    func send(_ message: MailMessage) async throws {
        try state.withLock { state throws(MailFailure) in
            if let failure = state.failures[message.to.address] { throw failure }
            state.sent.append(message)
        }
    }
}

/// The notifier's handler over a database of its own, with requests given by hand.
final class NotifierFixture: Sendable {
    static let start = Instant(microseconds: 1_795_176_000_000_000)

    let pool: PostgresPool
    let clock = ManualClock(NotifierFixture.start)
    let ids = IDSource.uuidv7(clock: .system)
    let metrics = MetricsRegistry()
    let root: String
    let transport = RecordingTransport()
    let links: SigningLinks
    let outbox: OutboxWriter
    let handler: NotificationHandler

    init(transport other: (any MailTransport)? = nil) async throws {
        let database = try await TestPostgres.database()
        try await database.migrate(
            .notifier, [("messaging", MessagingMigrations.all), ("notification", NotifierMigrations.all)])
        let owner = database.ownerPool(of: .notifier)
        try await MessagingMigrations.connect(as: owner)
        await owner.close()
        pool = database.pool(.notifier, size: 6)
        root = FileManager.default.temporaryDirectory.appendingPathComponent("paraph-notifier-\(UUID())").path
        _ = try DevelopmentKeys.create(at: root + "/keys", clock: .system, ids: ids)
        links = SigningLinks(
            publicURL: "https://sign.example.org/", key: try KeyStore(folder: root + "/keys/notifier").linkKey())
        outbox = OutboxWriter(producer: "notification", clock: clock.clock, wakeUp: WakeUp(pool: pool))
        guard let from = Mailbox("Paraph <paraph@example.org>") else {
            throw MailFailure(code: "from", isRetriable: false)
        }
        handler = NotificationHandler(
            pool: pool, transport: other ?? transport, links: links, from: from, clock: clock.clock, ids: ids,
            delivered: metrics.counter("paraph_mails_total", "Mails.", labels: ["channel", "outcome"]))
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    func deliver(_ messages: [InboundMessage], losing: Bool = false) async throws {
        let work = try await pool.withTransaction { try await handler.intend(messages, in: $0) }
        let results = try await handler.perform(work)
        if losing { return }
        try await pool.withTransaction { transaction in
            let acts = try await handler.record(results, of: messages, in: transaction)
            _ = try await outbox.write(acts, in: transaction)
        }
    }

    func request(
        _ kind: NotificationKind = .signingRequest, to email: String = "zoe@example.org", name: String = "Zoë Miller",
        title: String = "Offer", message: CoverMessage? = nil, reason: String? = nil, expiresIn: Double? = nil
    ) -> NotifyRecipientV1 {
        let now = clock.clock.now()
        return NotifyRecipientV1(
            tenantID: TenantID(ids.next()), envelopeID: EnvelopeID(ids.next()), requestID: RequestID(ids.next()),
            generation: 1, kind: kind, name: name, email: email, locale: "en", title: title,
            sender: Sender(name: "Hanna Recht", email: "hr@example.org", organisation: "Example GmbH"),
            message: message, reason: reason, expiresAt: expiresIn.map { now.advanced(bySeconds: $0) },
            requestedAt: now)
    }

    func message(_ request: NotifyRecipientV1, seq: Int64 = 1) throws -> InboundMessage {
        InboundMessage(
            stream: MessageStream(
                producer: "orchestration", topic: .notificationRequests, key: request.envelopeID.uuid), seq: seq,
            type: NotifyRecipientV1.messageType, tenantID: request.tenantID.uuid,
            correlationID: CorrelationID("corr-1"), time: request.requestedAt,
            payload: Array(try JSONEncoder().encode(request)))
    }

    func answers<M: VersionedMessage>(_ type: M.Type) async throws -> [M] {
        let rows = try await pool.execute(
            PostgresStatement("select payload from outbox where type = $1 order by id", [.text(M.messageType)])
        ).rows
        return try rows.map { try JSONDecoder().decode(M.self, from: Data(try $0.bytes(0))) }
    }
}
