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
    let request: HTTPRequest
    let token: String
    let state: SigningState
    let wantsJSON: Bool
    /// Personal data: it goes into the sealed part of audit events only.
    let clientAddress: String

    var link: SigningLink { state.link }
    var address: String { "/sign/\(token)" }
    var page: String { SigningPage(state: state, token: token).html }

    /// The page again, with what was wrong and what was entered.
    func page(with problem: SigningProblem, entered: FormBody) -> String {
        SigningPage(state: state, token: token, problem: problem, entered: entered).html
    }

    var client: ClientContext {
        ClientContext(ipAddress: clientAddress, userAgent: request.header("user-agent").map { String($0.prefix(300)) })
    }

    /// True where JSON is asked for before HTML, or sent by somebody who does not say.
    static func wantsJSON(_ request: HTTPRequest) -> Bool {
        var qualities: [String: Double] = [:]
        for entry in request.headers.filter({ $0.0 == "accept" }).flatMap({ $0.1.split(separator: ",") }) {
            let parts = entry.lowercased().split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
            guard let type = parts.first else { continue }
            let quality = parts.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
            qualities[type] = max(qualities[type] ?? 0, quality)
        }
        let json = max(qualities["application/json"] ?? 0, qualities["application/problem+json"] ?? 0)
        let html = qualities["text/html"] ?? 0
        if json == 0, html == 0 { return APIRoutes.mediaType(request) == "application/json" }
        return json > html || (json == html && APIRoutes.mediaType(request) == "application/json")
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
