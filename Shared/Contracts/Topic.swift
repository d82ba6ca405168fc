// SPDX-License-Identifier: Apache-2.0

/// A named log between services with a fixed number of lanes; a new number needs a new topic version.
package struct Topic: Sendable, Hashable {
    package let name: String
    package let lanes: Int

    package init(name: String, lanes: Int) {
        self.name = name
        self.lanes = lanes
    }

    /// What recipients and senders asked for: intake to orchestrator.
    package static let envelopeCommands = Topic(name: "envelope.commands.v1", lanes: 12)
    /// What became of each envelope, with a snapshot: orchestrator to all.
    package static let envelopeEvents = Topic(name: "envelope.events.v1", lanes: 12)
    /// Work for the signing pool; more lanes, because the pool scales by itself.
    package static let signingJobs = Topic(name: "signing.jobs.v1", lanes: 48)
    /// Signed documents to raise to a higher level; apart from the jobs, because authorities outside decide its pace.
    package static let signingRaises = Topic(name: "signing.raises.v1", lanes: 12)
    /// What the signing pool stored: signer to orchestrator.
    package static let signingResults = Topic(name: "signing.results.v1", lanes: 12)
    /// Mails to send: orchestrator to notifier.
    package static let notificationRequests = Topic(name: "notification.requests.v1", lanes: 12)
    /// What became of mails: notifier to orchestrator and intake.
    package static let notificationEvents = Topic(name: "notification.events.v1", lanes: 12)
    /// Artifacts to keep: orchestrator to vault.
    package static let evidenceCommands = Topic(name: "evidence.commands.v1", lanes: 12)
    /// What the vault keeps: vault to orchestrator, intake and retention.
    package static let evidenceEvents = Topic(name: "evidence.events.v1", lanes: 12)
    /// Artifacts to dispose of: retention to vault.
    package static let retentionCommands = Topic(name: "retention.commands.v1", lanes: 12)
    /// What retention decided: retention to intake.
    package static let retentionEvents = Topic(name: "retention.events.v1", lanes: 12)
    /// Every act and denial of every service: all to vault.
    package static let auditEvents = Topic(name: "audit.events.v1", lanes: 12)

    /// Every topic, in the order of the flow.
    package static let all: [Topic] = [
        envelopeCommands, envelopeEvents, signingJobs, signingRaises, signingResults, notificationRequests,
        notificationEvents, evidenceCommands, evidenceEvents, retentionCommands, retentionEvents, auditEvents,
    ]

    /// The topic of that name, or nil when there is none.
    package init?(named name: String) {
        guard let topic = Topic.all.first(where: { $0.name == name }) else { return nil }
        self = topic
    }
}
