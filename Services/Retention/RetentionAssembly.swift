// SPDX-License-Identifier: Apache-2.0
import Contracts
import Messaging
import Postgres
import ServiceAPI
import ServiceKit

/// The retention service, put together.
enum RetentionAssembly {
    static func services(
        _ configuration: RetentionConfiguration, _ environment: ServiceEnvironment
    ) async throws -> ServiceGroup {
        let backbone = try Backbone(.retention, configuration: configuration.backbone, environment: environment)
        let handler = ScheduleHandler(clock: environment.clock, ids: environment.ids)
        return try backbone.group([backbone.messaging.consumer(of: [.evidenceEvents], handler: handler)])
    }
}
