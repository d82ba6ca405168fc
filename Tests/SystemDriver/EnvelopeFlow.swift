// SPDX-License-Identifier: Apache-2.0
package import ByteCoding
import Foundation

/// An envelope's way from upload to completion, as sender and recipients go it over the public endpoints and by mail.
package struct EnvelopeFlow: Sendable {
    package let client: SystemClient
    package let mails: MailFolderWatch
    /// How long each wait may take.
    package var patienceSeconds = 60.0

    package init(client: SystemClient, mails: MailFolderWatch) {
        self.client = client
        self.mails = mails
    }

    /// Sends a document; the ledger, where there is one, has it before anything else happens.
    ///
    /// - Throws: `SystemError` with the problem when it is not accepted.
    package func send(_ plan: EnvelopePlan, file: [UInt8], ledger: Ledger? = nil) async throws -> CreatedEnvelope {
        let created = try client.accepted(try await client.create(plan, file: file))
        try ledger?.accept(created)
        return created
    }

    /// The visit that the mail's link leads to.
    package func visit(_ requestID: String, generation: Int = 1) async throws -> SigningVisit {
        let link = try await mails.link(request: requestID, generation: generation, seconds: patienceSeconds)
        return SigningVisit(client: client, link: link)
    }

    /// Opens, reads and agrees; answers as soon as the agreement is accepted, with a signature or before it.
    package func agree(_ requestID: String, values: [JSONValue] = []) async throws -> Answer {
        let visit = try await visit(requestID)
        let page = try await visit.page()
        guard page.status == 200 else { throw SystemError("GET page answered \(page.summary)") }
        let view = try await visit.view()
        guard view.status == 200 else { throw SystemError("POST view answered \(view.summary)") }
        let answer = try await visit.submit(SigningVisit.agreement(to: page.json, values: values))
        guard answer.status == 200 || answer.status == 202 else {
            throw SystemError("POST fields answered \(answer.summary)")
        }
        return answer
    }

    /// All recipients in their order, then completion.
    package func complete(_ created: CreatedEnvelope) async throws {
        for signer in created.signers { _ = try await agree(signer.requestID) }
        try await client.wait(for: "completed", of: created.documentID, seconds: patienceSeconds)
    }
}
