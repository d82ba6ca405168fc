// SPDX-License-Identifier: Apache-2.0
import Contracts
import Keys
import Messaging
import Metrics
import Postgres
import ServiceAPI
import ServiceKit

/// The notifier, put together.
enum NotifierAssembly {
    static func services(
        _ configuration: NotifierConfiguration, _ environment: ServiceEnvironment
    ) async throws -> ServiceGroup {
        let backbone = try Backbone(.notifier, configuration: configuration.backbone, environment: environment)
        guard let from = Mailbox(configuration.from) else {
            throw ServiceExit(.configuration, "NOTIFIER_MAIL_FROM is not an address")
        }
        let keys = try KeyStore(folder: environment.common.keyStore)
        let links = SigningLinks(publicURL: environment.common.publicURL, key: try keys.linkKey())
        let handler = NotificationHandler(
            pool: backbone.pool, transport: try transport(configuration), links: links, from: from,
            clock: environment.clock, ids: environment.ids,
            delivered: environment.metrics.counter(
                "paraph_notifications_total", "Mails by what became of them.", labels: ["channel", "outcome"]))
        return try backbone.group([
            backbone.messaging.consumer(
                of: [.notificationRequests], effects: handler,
                settings: ConsumerSettings(batchSize: 50, concurrency: 2))
        ])
    }

    private static func transport(_ configuration: NotifierConfiguration) throws -> any MailTransport {
        if let server = configuration.server { return try SMTPTransport(server) }
        return MailDrop(folder: configuration.mailDrop ?? ".")
    }
}
