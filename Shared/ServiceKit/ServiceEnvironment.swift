// SPDX-License-Identifier: Apache-2.0
package import Clocks
package import Logging
package import Metrics

/// What every part of a service gets from the process it runs in.
package struct ServiceEnvironment: Sendable {
    /// The executable's name, as in `paraph-intake`.
    package let name: String
    package let version: String
    /// Business time.
    package let clock: BusinessClock
    package let ids: IDSource
    package let logger: Logger
    package let metrics: MetricsRegistry
    /// The settings that all services share.
    package let common: CommonConfiguration

    /// Joins the parts; `ServiceMain` does it for services, tests do it themselves.
    package init(
        name: String, version: String = ParaphVersion.current, clock: BusinessClock, ids: IDSource, logger: Logger,
        metrics: MetricsRegistry, common: CommonConfiguration
    ) {
        self.name = name
        self.version = version
        self.clock = clock
        self.ids = ids
        self.logger = logger
        self.metrics = metrics
        self.common = common
    }

    /// Whether shortcuts for development are closed.
    package var isProduction: Bool { common.environment == .production }
}

/// The version of all executables of this source tree.
package enum ParaphVersion {
    package static let current = "0.1.0"
}
