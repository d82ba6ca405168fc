// SPDX-License-Identifier: Apache-2.0
package import Contracts
package import Postgres

extension ServiceRole {
    /// The name of its consumer group, which is the executable's name.
    package var consumer: String { "paraph-\(rawValue)" }

    /// The name under which its relay to a broker holds lanes and cursors of its own outbox.
    package var relay: String { "paraph-\(rawValue)-relay" }
}

/// Which service writes and which reads a topic.
package struct TopicRoute: Sendable {
    package let topic: Topic
    package let producers: [ServiceRole]
    package let readers: [ServiceRole]
}

/// Who talks to whom: the one list that grants, views and readers are made from.
package enum TopicRouting {
    /// Every topic with its writers and readers.
    package static let routes: [TopicRoute] = [
        TopicRoute(topic: .envelopeCommands, producers: [.intake], readers: [.orchestrator]),
        TopicRoute(topic: .envelopeEvents, producers: [.orchestrator], readers: [.intake]),
        TopicRoute(topic: .signingJobs, producers: [.orchestrator], readers: [.signer]),
        TopicRoute(topic: .signingRaises, producers: [.orchestrator], readers: [.signer]),
        TopicRoute(topic: .signingResults, producers: [.signer], readers: [.orchestrator]),
        TopicRoute(topic: .notificationRequests, producers: [.orchestrator], readers: [.notifier]),
        TopicRoute(topic: .notificationEvents, producers: [.notifier], readers: [.orchestrator]),
        TopicRoute(topic: .evidenceCommands, producers: [.orchestrator], readers: [.vault]),
        TopicRoute(topic: .evidenceEvents, producers: [.vault], readers: [.orchestrator, .retention]),
        TopicRoute(topic: .retentionCommands, producers: [.retention], readers: [.vault]),
        TopicRoute(topic: .retentionEvents, producers: [.retention], readers: []),
        TopicRoute(
            topic: .auditEvents, producers: [.intake, .orchestrator, .signer, .notifier, .retention],
            readers: [.vault]),
    ]

    /// The services that write a topic.
    package static func producers(of topic: Topic) -> [ServiceRole] {
        routes.first { $0.topic == topic }?.producers ?? []
    }

    /// The topics that a service writes.
    package static func topics(from service: ServiceRole) -> [Topic] {
        routes.filter { $0.producers.contains(service) }.map(\.topic)
    }

    /// The topics that a service reads.
    package static func topics(to service: ServiceRole) -> [Topic] {
        routes.filter { $0.readers.contains(service) }.map(\.topic)
    }

    /// The view, in the producer's schema, through which readers see a topic.
    package static func view(of topic: Topic) -> String {
        "outbox_" + topic.name.replacing(".", with: "_")
    }
}
