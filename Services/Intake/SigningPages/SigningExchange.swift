// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Contracts
import Envelopes
import HTTPServer
import Messaging
import Tracing

/// One request to a signing page, with the link it came by.
struct SigningExchange: Sendable {
    private static let maximumBodyBytes = 4 << 20
    private static let maximumReasonCharacters = 1000

    let request: HTTPRequest
    let token: String
    let state: SigningState
    let wantsJSON: Bool
    /// Personal data: it goes into the sealed part of audit events only.
    let clientAddress: String

    var link: SigningLink { state.link }
    var address: String { "/sign/\(token)" }
    var page: String { SigningPage(state: state, token: token).html }

    func page(with problem: SigningProblem) -> String {
        SigningPage(state: state, token: token, problem: problem).html
    }

    var client: ClientContext {
        ClientContext(ipAddress: clientAddress, userAgent: request.header("user-agent").map { String($0.prefix(300)) })
    }

    /// True where JSON is asked for, or sent: a browser's form is neither.
    static func wantsJSON(_ request: HTTPRequest) -> Bool {
        request.header("accept")?.contains("application/json") == true
            || request.header("content-type")?.hasPrefix("application/json") == true
    }

    // MARK: Bodies

    /// The submission in its JSON shape, also when a form sent it.
    func submission() async throws -> JSONValue {
        let body = try await body()
        if case .json(let value) = body { return value }
        guard case .form(let form) = body else { return .null }
        var fields: [JSONValue] = []
        for placement in link.recipient?.fields ?? [] where placement.fieldType != .signature {
            let value = form["field.\(placement.key)"]
            if placement.fieldType == .checkbox {
                fields.append(["key": .string(placement.key), "value": .bool(value == "true")])
            } else if let value, !value.isEmpty {
                fields.append(["key": .string(placement.key), "value": .string(value)])
            }
        }
        let documents = state.documents.map { document -> JSONValue in
            [
                "document_id": .string(document.documentID.description),
                "prepared_sha256": .string(form["prepared.\(document.documentID)"] ?? ""),
            ]
        }
        return [
            "consent": [
                "agreed": .bool(form["agreed"] == "true"),
                "disclosure_sha256": .string(form["disclosure_sha256"] ?? ""), "documents": .array(documents),
            ],
            "fields": .array(fields),
        ]
    }

    /// Why the person declines.
    func reason() async throws -> String {
        let text: String?
        switch try await body() {
        case .json(let value):
            if let name = value.objectValue?.keys.sorted().first(where: { $0 != "reason" }) {
                throw SigningProblem.unknown(name, at: "/\(name)")
            }
            text = value["reason"]?.stringValue
        case .form(let form): text = form["reason"]
        }
        guard let text, !text.isEmpty, text.count <= Self.maximumReasonCharacters else {
            throw SigningProblem.fieldInvalid(
                "Please say why, in at most \(Self.maximumReasonCharacters) characters.", at: "/reason")
        }
        return text
    }

    private enum Body {
        case json(JSONValue)
        case form([String: String])
    }

    private func body() async throws -> Body {
        let bytes = try await request.body.collect(maximumBytes: Self.maximumBodyBytes)
        if request.header("content-type")?.hasPrefix("application/x-www-form-urlencoded") == true {
            guard let form = FormBody(bytes) else { throw SigningProblem.malformed("The form is not valid UTF-8.") }
            return .form(form.values)
        }
        do {
            return .json(try JSONValue(parsing: bytes))
        } catch {
            throw SigningProblem.malformed("The body is not valid JSON: \(error).")
        }
    }

    // MARK: Acts

    /// What an accepted act says: its audit event and the command to the orchestrator.
    func act(
        _ type: AuditEventType, _ command: some VersionedMessage, at now: Instant, ids: IDSource
    ) throws -> Act {
        var act = try event(type, document: nil, at: now, ids: ids)
        act.messages = [
            try OutgoingMessage(command, key: link.envelopeID.uuid, tenantID: link.tenantID.uuid)
        ]
        return act
    }

    /// An audit event of the recipient, with who and where in its sealed part.
    func event(_ type: AuditEventType, document: DocumentID?, at now: Instant, ids: IDSource) throws -> Act {
        let fact = AuditFact(
            eventID: ids.next(), tenantID: link.tenantID, subject: .envelope(link.envelopeID), eventType: type,
            actor: .recipient(link.requestID), documentID: document, requestID: link.requestID, occurredAt: now,
            correlationID: Trace.current?.correlationID.text ?? link.envelopeID.description,
            policy: link.snapshot.policy)
        let personal = PersonalData(
            name: link.recipient?.name, email: link.recipient?.email, ipAddress: client.ipAddress,
            userAgent: client.userAgent)
        return Act(audit: [
            try OutgoingMessage(
                AuditEventV1(fact: fact, personal: personal), key: link.envelopeID.uuid, tenantID: link.tenantID.uuid)
        ])
    }
}

/// `application/x-www-form-urlencoded`; the first of repeated names counts.
struct FormBody {
    let values: [String: String]

    /// Nil when a part is no UTF-8 or has a broken percent sequence.
    init?(_ bytes: [UInt8]) {
        var values: [String: String] = [:]
        for part in bytes.split(separator: UInt8(ascii: "&")) {
            let pair = part.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.decode(pair[0]), let value = Self.decode(pair.count > 1 ? pair[1] : []) else {
                return nil
            }
            if values[name] == nil { values[name] = value }
        }
        self.values = values
    }

    private static func decode(_ bytes: ArraySlice<UInt8>) -> String? {
        var result: [UInt8] = []
        var index = bytes.startIndex
        while index < bytes.endIndex {
            switch bytes[index] {
            case UInt8(ascii: "+"): result.append(32)
            case UInt8(ascii: "%"):
                guard index + 2 < bytes.endIndex,
                    let byte = Hex.decode(String(decoding: bytes[(index + 1)...(index + 2)], as: UTF8.self))?.first
                else { return nil }
                result.append(byte)
                index += 2
            default: result.append(bytes[index])
            }
            index += 1
        }
        return String(validating: result, as: UTF8.self)
    }
}
