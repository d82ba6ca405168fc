// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Configuration
import Contracts
import Cryptography
import Envelopes
import Foundation
import HTTPClient
import HTTPServer
import Keys
import Logging
import Messaging
import Metrics
import Postgres
import ServiceAPI
import ServiceKit
import Storage
import TestSupport
import Tracing

@testable import Intake

/// The whole of intake over a database, keys and an object store of its own, behind a real listener; the vault is a stub.
final class IntakeFixture: Sendable {
    static let start = Instant(microseconds: 1_795_176_000_000_000)

    let clock = ManualClock(IntakeFixture.start)
    let ids: IDSource
    let metrics = MetricsRegistry()
    let folder: String
    let database: TestDatabase
    let backbone: Backbone
    let application: IntakeApplication
    let vault: VaultStub
    let session: HTTPSession
    let keys: DevelopmentKeys
    let tenant: TenantID
    let account: ServiceAccountID
    /// Has every scope.
    let token: String

    var context: IntakeContext { application.context }
    var url: String { "http://127.0.0.1:\(application.listener.port)" }
    var directory: TenantDirectory {
        TenantDirectory(pool: backbone.pool, outbox: context.outbox, clock: clock.clock, ids: ids)
    }

    /// Runs the body while intake listens.
    ///
    /// - Parameter server: The one that all tests share when nil.
    static func run(
        settings: [String: String] = [:], objectStore: String? = nil, server: TestPostgres? = nil,
        _ body: (IntakeFixture) async throws -> Void
    ) async throws {
        let fixture = try await IntakeFixture(settings: settings, objectStore: objectStore, server: server)
        let shutdown = ShutdownSignal()
        let services: [any Service] = [fixture.application.listener, fixture.vault.listener]
        try await withThrowingTaskGroup(of: Void.self) { group in
            for service in services { group.addTask { try await service.run(until: shutdown) } }
            let result: Result<Void, any Error>
            do {
                result = .success(try await body(fixture))
            } catch {
                result = .failure(error)
            }
            shutdown.trigger()
            try await group.waitForAll()
            await fixture.backbone.pool.close()
            try? FileManager.default.removeItem(atPath: fixture.folder)
            try result.get()
        }
    }

    private init(settings: [String: String], objectStore: String?, server: TestPostgres?) async throws {
        let ids = IDSource.uuidv7(clock: clock.clock)
        self.ids = ids
        folder = NSTemporaryDirectory() + "intake-\(UUID().uuidString)"
        if let server {
            database = try await server.database()
        } else {
            database = try await TestPostgres.database()
        }
        try await database.migrate(.intake, [("messaging", MessagingMigrations.all)] + IntakeMigrations.sets)
        let owner = database.ownerPool(of: .intake)
        try await MessagingMigrations.connect(as: owner)
        await owner.close()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        keys = try DevelopmentKeys.create(at: "\(folder)/keys", clock: clock.clock, ids: ids)
        let vaultIdentity = try KeyStore(folder: "\(folder)/keys/vault").serviceIdentity(service: "vault")
        vault = try VaultStub(identity: vaultIdentity, clock: clock.clock, metrics: MetricsRegistry())
        var variables = [
            "PARAPH_KEY_STORE": "\(folder)/keys/intake", "PARAPH_OBJECT_STORE": objectStore ?? "\(folder)/objects",
            "PARAPH_DATABASE_HOST": database.server.socketDirectory, "PARAPH_DATABASE_NAME": database.name,
            "INTAKE_HTTP_PORT": "0", "INTAKE_VAULT_URL": "http://127.0.0.1:\(vault.listener.port)",
            "INTAKE_DATABASE_POOL": "8",
        ]
        variables.merge(settings) { $1 }
        var reader = ConfigurationReader(environment: variables)
        let common = CommonConfiguration(reader: &reader)
        let configuration = IntakeConfiguration(reader: &reader)
        try reader.finish(servicePrefix: IntakeConfiguration.keyPrefix, declared: IntakeConfiguration.keys)
        let environment = ServiceEnvironment(
            name: "paraph-intake", clock: clock.clock, ids: ids, logger: .disabled, metrics: metrics, common: common)
        backbone = try Backbone(.intake, configuration: configuration.backbone, environment: environment)
        application = try IntakeApplication(configuration, environment, backbone)
        session = try HTTPSession()
        let directory = TenantDirectory(
            pool: backbone.pool, outbox: backbone.messaging.outbox, clock: clock.clock, ids: ids)
        tenant = try await directory.createTenant(name: "Example", organisation: "Example GmbH", isLive: true)
        try keys.addTenant(tenant.uuid, organization: "Example GmbH", kind: .p256)
        account = try await directory.createAccount(tenant: tenant, name: "all", scopes: Set(Scope.allCases))
        token = try await directory.createToken(account: account, days: 90).token.text
    }

    /// A token of a new account.
    func token(_ scopes: Set<Scope>, tenant: TenantID? = nil) async throws -> String {
        let account = try await directory.createAccount(tenant: tenant ?? self.tenant, name: "some", scopes: scopes)
        return try await directory.createToken(account: account, days: 1).token.text
    }

    // MARK: - Requests

    /// - Parameter token: Empty for none.
    func send(
        _ method: String, _ path: String, token: String? = nil, key: String? = nil, type: String? = nil,
        body: [UInt8]? = nil, headers: [(String, String)] = []
    ) async throws -> HTTPClientResponse {
        var headers = headers
        let token = token ?? self.token
        if !token.isEmpty { headers.append(("Authorization", "Bearer \(token)")) }
        if let key { headers.append(("Idempotency-Key", key)) }
        if let type { headers.append(("Content-Type", type)) }
        return try await session.send(
            HTTPClientRequest(
                method: method, url: url + path, headers: headers, body: body, timeoutSeconds: 60,
                maximumResponseBytes: 16 << 20))
    }

    func get(_ path: String, token: String? = nil) async throws -> HTTPClientResponse {
        try await send("GET", path, token: token)
    }

    /// A JSON act with a new idempotency key.
    func post(_ path: String, _ json: JSONValue = [:], token: String? = nil) async throws -> HTTPClientResponse {
        try await send(
            "POST", path, token: token, key: UUID().uuidString, type: "application/json", body: json.canonicalBytes())
    }

    /// `POST /v1/documents` as a form.
    func create(
        _ json: JSONValue = IntakeFixture.draft(), file: [UInt8] = SampleFile.onePage, token: String? = nil,
        key: String? = UUID().uuidString, fileFirst: Bool = false
    ) async throws -> HTTPClientResponse {
        try await create(text: json.canonicalBytes(), file: file, token: token, key: key, fileFirst: fileFirst)
    }

    func create(
        text: [UInt8], file: [UInt8], token: String? = nil, key: String? = UUID().uuidString, fileFirst: Bool = false
    ) async throws -> HTTPClientResponse {
        let parts = Self.parts(text: text, file: file)
        return try await send(
            "POST", "/v1/documents", token: token, key: key, type: "multipart/form-data; boundary=b0undary",
            body: Self.form(fileFirst ? parts.reversed() : parts))
    }

    static func parts(
        text: [UInt8] = draft().canonicalBytes(), file: [UInt8] = SampleFile.onePage
    ) -> [(String, String, [UInt8])] {
        [
            ("name=\"document\"", "application/json", text),
            ("name=\"file\"; filename=\"offer.pdf\"", "application/pdf", file),
        ]
    }

    static func form(_ parts: [(String, String, [UInt8])]) -> [UInt8] {
        var body: [UInt8] = []
        for (name, type, content) in parts {
            body += Array("--b0undary\r\nContent-Disposition: form-data; \(name)\r\nContent-Type: \(type)\r\n\r\n".utf8)
            body += content + Array("\r\n".utf8)
        }
        return body + Array("--b0undary--\r\n".utf8)
    }

    /// A request with two signers; `change` edits its members.
    static func draft(_ change: (inout [String: JSONValue]) -> Void = { _ in }) -> JSONValue {
        var members: [String: JSONValue] = [
            "title": "Offer", "external_id": "hr-4711", "send": true, "metadata": ["department": "sales"],
            "sender": ["name": "Ada", "email": "ada@example.com"],
            "signers": [signer("employee", order: 1), signer("manager", order: 2)],
        ]
        change(&members)
        return .object(members)
    }

    static func signer(_ key: String, order: Int, fields: [JSONValue]? = nil) -> JSONValue {
        [
            "key": .string(key), "role": "signer", "order_index": .integer(Int64(order)), "name": .string(key),
            "email": .string("\(key)@example.com"), "fields": .array(fields ?? [field("\(key)-sig")]),
        ]
    }

    static func field(_ key: String, _ change: (inout [String: JSONValue]) -> Void = { _ in }) -> JSONValue {
        var members: [String: JSONValue] = [
            "key": .string(key), "document_index": 0, "page_number": 1, "x": 72, "y": 100, "width": 180, "height": 48,
            "field_type": "signature", "required": true,
        ]
        change(&members)
        return .object(members)
    }

    // MARK: - What came out

    /// Rows of the outbox, oldest first: type and payload.
    func outbox(type: String? = nil) async throws -> [(type: String, payload: JSONValue)] {
        let result = try await backbone.pool.execute(
            PostgresStatement("select type, payload from outbox order by id"))
        return try result.rows.map { ($0, try $0.string(0)) }.filter { type == nil || $0.1 == type }.map { row, type in
            (type, try JSONValue(parsing: (try? row.bytes(1)) ?? Array(row.string(1).utf8)))
        }
    }

    func events(_ type: String) async throws -> [JSONValue] {
        try await outbox(type: AuditEventV1.messageType).map(\.payload).filter { $0["event_type"]?.stringValue == type }
    }

    /// Hands events to the read model as the consumer loop does.
    ///
    /// - Parameters:
    ///   - store: Another process's, as `waiters`; this process's own when nil.
    func deliver(
        _ events: [EnvelopeEventV1], store: IntakeStore? = nil, waiters: EnvelopeWaiters? = nil
    ) async throws {
        let handler = ReadModelHandler(store: store ?? context.store, waiters: waiters ?? context.waiters)
        let messages = try events.map { event in
            InboundMessage(
                stream: MessageStream(
                    producer: "orchestration", topic: .envelopeEvents, key: event.snapshot.envelopeID.uuid),
                seq: event.sequence, type: EnvelopeEventV1.messageType, tenantID: event.snapshot.tenantID.uuid,
                time: clock.clock.now(), payload: Array(try StoredJSON.text(event).utf8))
        }
        try await backbone.pool.withTransaction { transaction in
            _ = try await handler.handle(messages, in: transaction)
        }
    }
}

extension HTTPClientResponse {
    /// The body as JSON; null when it is none.
    var json: JSONValue { (try? JSONValue(parsing: body)) ?? .null }
    var code: String? { json["code"]?.stringValue }
    /// The codes and pointers of all faults.
    var faults: [String] {
        (json["errors"]?.arrayValue ?? []).map {
            "\($0["code"]?.stringValue ?? "?") \($0["pointer"]?.stringValue ?? "?")"
        }
    }
}

/// Small files with a correct cross-reference table.
enum SampleFile {
    /// One page of 612 × 792 points.
    static let onePage = file()

    static func file(comment: String = "") -> [UInt8] {
        let objects = [
            "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 612 792]>>",
            "<</Type/Page/Parent 2 0 R>>",
        ]
        var text = "%PDF-1.7\n%\(comment)\n"
        var offsets: [Int] = []
        for (index, object) in objects.enumerated() {
            offsets.append(text.utf8.count)
            text += "\(index + 1) 0 obj\n\(object)\nendobj\n"
        }
        let start = text.utf8.count
        text += "xref\n0 4\n0000000000 65535 f \n"
        for offset in offsets {
            let digits = String(offset)
            text += String(repeating: "0", count: 10 - digits.count) + digits + " 00000 n \n"
        }
        return Array((text + "trailer\n<</Size 4/Root 1 0 R>>\nstartxref\n\(start)\n%%EOF\n").utf8)
    }
}

/// Answers as the vault's retrieval API does, with one file and one trail.
final class VaultStub: Sendable {
    let listener: HTTPListener
    static let file = Array("%PDF-1.7 the signed document".utf8)
    static let trail = Array("{\"format\":\"paraph-audit/1\"}".utf8)

    init(identity: ServiceIdentity, clock: BusinessClock, metrics: MetricsRegistry) throws {
        var router = Router()
        router.on(.get, "/internal/v1/tenants/{tenant}/artifacts/{artifact}") { request in
            guard Self.isIntake(request, identity, clock) else { return .text("401", status: 401) }
            guard let range = request.header("range") else {
                return HTTPResponse(status: 200, body: .bytes(Self.file))
            }
            guard range == "bytes=0-3" else { return .text("416", status: 416) }
            return HTTPResponse(
                status: 206, headers: [("Content-Range", "bytes 0-3/\(Self.file.count)")],
                body: .bytes(Array(Self.file.prefix(4))))
        }
        router.on(.get, "/internal/v1/tenants/{tenant}/envelopes/{envelope}/audit") { request in
            guard Self.isIntake(request, identity, clock) else { return .text("401", status: 401) }
            return HTTPResponse(
                status: 200, headers: [("Content-Type", "application/json")], body: .bytes(Self.trail))
        }
        listener = try HTTPListener(
            HTTPListenerConfiguration(name: "vault-stub", maximumBodyBytes: 1024), router: router, logger: .disabled,
            metrics: metrics)
    }

    private static func isIntake(_ request: HTTPRequest, _ identity: ServiceIdentity, _ clock: BusinessClock) -> Bool {
        guard let header = request.header("authorization"), header.hasPrefix("Bearer ") else { return false }
        return (try? identity.verify(String(header.dropFirst(7)), at: clock.now())) == "intake"
    }
}
