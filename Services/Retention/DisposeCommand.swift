// SPDX-License-Identifier: Apache-2.0
import Clocks
import Envelopes
import Messaging
import Postgres
import ServiceAPI
import ServiceKit
import Tracing

/// `paraph-retention dispose TENANT ARTIFACT`: an operator's request, audited whatever the answer.
enum DisposeCommand {
    static func make() -> ServiceSubcommand<RetentionConfiguration> {
        ServiceSubcommand(name: "dispose", usage: "dispose TENANT ARTIFACT") { configuration, environment, words in
            guard words.count == 2, let tenant = TenantID(words[0]), let artifact = ArtifactID(words[1]) else {
                throw ServiceExit(.usage, "usage: dispose TENANT ARTIFACT, both as ids")
            }
            let backbone = try Backbone(.retention, configuration: configuration.backbone, environment: environment)
            let request = DisposalRequest(
                pool: backbone.pool, outbox: backbone.messaging.outbox, clock: environment.clock, ids: environment.ids)
            let answer = try await request.submit(
                artifact, tenant: tenant, correlationID: CorrelationID(environment.ids.next()).text)
            await backbone.pool.close()
            switch answer {
            case .requested: print("The vault disposes of it; the audit trail says when.")
            case .refused(let due):
                throw ServiceExit(
                    .internalError,
                    "refused: it has to be kept until \(due.rfc3339(fractionDigits: 3)); the attempt is audited")
            case .unknownArtifact:
                throw ServiceExit(.usage, "the tenant has no such artifact under a retention schedule")
            }
        }
    }
}
