// SPDX-License-Identifier: Apache-2.0
import Audit
import ByteCoding
import Foundation
import PDFSigning

/// One document through the whole system, as its sender and both recipients would do it, over the public endpoints only.
@MainActor struct DemoFlow {
    let access: DevelopmentAccess
    let installation: DevelopmentInstallation
    let started: ContinuousClock.Instant
    let output: URL?

    private let client: DemoClient
    private var mails: MailFolder { MailFolder(folder: installation.mail) }

    init(
        access: DevelopmentAccess, installation: DevelopmentInstallation, started: ContinuousClock.Instant, output: URL?
    ) throws {
        self.access = access
        self.installation = installation
        self.started = started
        self.output = output
        client = try DemoClient(access: access)
    }

    /// - Throws: `CommandFailure` at the first step that does not end as it should.
    func run(document: URL) async throws {
        Terminal.say("\nOne document, two recipients in order: \(document.lastPathComponent)")
        let created = try await Terminal.step("Uploaded and sent") {
            try await client.create(document: document, people: [.ada, .grace])
        }
        for person in [Person.ada, .grace] {
            let link = try await Terminal.step("Mail to \(person.name)") {
                try await mails.link(to: person.email, envelope: created.envelopeID)
            }
            try await Terminal.step("Opened, read, agreed and signed by \(person.name)") {
                try await client.sign(at: link)
            }
        }
        try await Terminal.step("Completed") { try await client.untilCompleted(created.documentID) }
        // Nobody waits for that but this demonstration, which shows what comes of it.
        if let level = access.level?.uppercased(), level != "B-B" {
            let reached = try await Terminal.step("Raised towards \(level)") {
                try await client.untilRaised(created.documentID, to: level)
            }
            Terminal.say("PAdES level: \(reached)")
        }
        let target = output ?? Self.target(for: document)
        let signed = try await Terminal.step("Downloaded") { try await client.download(created.documentID) }
        try Data(signed).write(to: target)
        let trail = try await client.auditTrail(created.documentID)
        let trailFile = target.deletingPathExtension().appendingPathExtension("audit.json")
        try Data(trail).write(to: trailFile)
        try DemoVerification.run(signed: signed, trail: trail, signatures: 2, trust: installation.trust)
        Terminal.report("From start to verified", took: ContinuousClock.now - started)
        Terminal.say("\nSigned PDF:  \(target.path)\nAudit trail: \(trailFile.path)")
        let rootFile = target.deletingPathExtension().appendingPathExtension("root.pem")
        try Data(contentsOf: installation.trust).write(to: rootFile)
        Terminal.say("Check them again with: paraph verify \(target.path) --trust \(rootFile.path)")
        Terminal.say("                       paraph verify --audit \(trailFile.path)")
    }

    /// Sends one more copy and prints the link, for a person to sign.
    func invite(document: URL) async throws {
        let created = try await client.create(document: document, people: [.you])
        let link = try await mails.link(to: Person.you.email, envelope: created.envelopeID)
        Terminal.say("\nSign one yourself: \(link)")
        Self.printAccess(access, installation: installation, document: document.path)
        Terminal.say(
            """
              curl -H "Authorization: Bearer $TOKEN" \(access.publicURL)/v1/documents/\(created.documentID)
              curl -H "Authorization: Bearer $TOKEN" -o signed.pdf \(access.publicURL)/v1/documents/\(created.documentID)/download
            """)
    }

    /// `document` stands in the line that sends one.
    static func printAccess(_ access: DevelopmentAccess, installation: DevelopmentInstallation, document: String) {
        let request =
            #"{"title":"Offer","send":true,"sender":{"name":"You","email":"you@example.com"},"signers":[{"key":"you","order_index":1,"name":"You","email":"you@example.com","fields":[]}]}"#
        Terminal.say(
            """

            API:          \(access.publicURL)/v1  (described at \(access.publicURL)/v1/openapi.json)
            Caught mails: \(installation.mail.path)
            Logs:         \(installation.logs.path)

              TOKEN=\(access.token)
              curl -H "Authorization: Bearer $TOKEN" -H "Idempotency-Key: \(UUID().uuidString.lowercased())" \\
                   -F 'document=\(request)' -F 'file=@\(document);type=application/pdf' \(access.publicURL)/v1/documents
            """)
    }

    private static func target(for document: URL) -> URL {
        let name = document.deletingPathExtension().lastPathComponent + "-signed.pdf"
        return URL(fileURLWithPath: FileManager.default.currentDirectoryPath).appendingPathComponent(name)
    }
}

/// A recipient of the demonstration.
struct Person {
    let key: String
    let name: String
    let email: String

    static let ada = Person(key: "employee", name: "Ada Lovelace", email: "ada@example.com")
    static let grace = Person(key: "manager", name: "Grace Hopper", email: "grace@example.com")
    static let you = Person(key: "you", name: "Your Name", email: "you@example.com")
}
