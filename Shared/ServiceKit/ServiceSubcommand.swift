// SPDX-License-Identifier: Apache-2.0
package import Configuration

/// A further word of a service's command line, such as `redrive`; it runs with the service's own configuration.
package struct ServiceSubcommand<Configuration: ServiceConfiguration>: Sendable {
    package let name: String
    /// The lines of `--help` after the executable's name, as in `redrive list | redrive run ID`.
    package let usage: String
    let run: @Sendable (Configuration, ServiceEnvironment, [String]) async throws -> Void

    /// The body prints its answer to standard output and throws `ServiceExit` for everything a person did wrong.
    package init(
        name: String, usage: String,
        run: @escaping @Sendable (Configuration, ServiceEnvironment, [String]) async throws -> Void
    ) {
        self.name = name
        self.usage = usage
        self.run = run
    }
}
