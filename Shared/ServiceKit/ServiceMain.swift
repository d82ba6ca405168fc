// SPDX-License-Identifier: Apache-2.0
import Clocks
package import Configuration
package import FileSystem
import FoundationEssentials
import Glibc
import Logging
import Metrics

/// What `migrate` needs: the database as its owner.
package struct MigrationRequest: Sendable {
    /// Report what is missing and change nothing.
    package let checkOnly: Bool
    package let database: CommonConfiguration.Database
    /// Nil when the server trusts the socket.
    package let ownerPassword: Secret?
    package let environment: ServiceEnvironment
}

/// The whole life of a service process: command line, configuration, services, exit code.
package enum ServiceMain {
    /// Runs what the command line asks for and ends the process.
    ///
    /// - Parameters:
    ///   - migrate: Brings the service's schema up to date; throws `ServiceExit(.configuration, …)` when a check fails.
    ///   - commands: Further words that the command line understands.
    ///   - assemble: The composition root.
    package static func run<C: ServiceConfiguration>(
        _ name: String, configuration: C.Type,
        migrate: @Sendable (MigrationRequest) async throws -> Void, commands: [ServiceSubcommand<C>] = [],
        assemble: (C, ServiceEnvironment) async throws -> ServiceGroup
    ) async -> Never {
        let process = ServiceProcess(
            name: name, arguments: Array(CommandLine.arguments.dropFirst()),
            environment: ProcessInfo.processInfo.environment)
        let code = await process.run(
            configuration: configuration, migrate: migrate, commands: commands, assemble: assemble)
        exit(code.rawValue)
    }
}

/// `ServiceMain` with the outside world given, so that tests can run it.
package struct ServiceProcess: Sendable {
    private let name: String
    private let arguments: [String]
    private let variables: [String: String]
    private let print: @Sendable (String, StandardStream) -> Void

    /// Arguments come without the executable's own name.
    package init(
        name: String, arguments: [String], environment: [String: String],
        print: @escaping @Sendable (String, StandardStream) -> Void = { $1.write(Array($0.utf8)) }
    ) {
        self.name = name
        self.arguments = arguments
        variables = environment
        self.print = print
    }

    /// Everything that `ServiceMain` does, except for leaving the process.
    package func run<C: ServiceConfiguration>(
        configuration: C.Type,
        migrate: @Sendable (MigrationRequest) async throws -> Void, commands: [ServiceSubcommand<C>] = [],
        assemble: (C, ServiceEnvironment) async throws -> ServiceGroup
    ) async -> ExitCode {
        UnixSignals.ignoreBrokenPipes()
        guard let command = ServiceCommand(arguments: arguments, own: commands.map(\.name)) else {
            print("\(name): unknown arguments; run \(name) --help\n", .error)
            return .usage
        }
        switch command {
        case .help:
            let keys = CommonConfiguration.keys + [CommonConfiguration.ownerPasswordKey] + C.keys
            print(ServiceHelp.text(name: name, commands: commands.map(\.usage), keys: keys), .output)
            return .success
        case .version:
            print("\(name) \(ParaphVersion.current)\n", .output)
            return .success
        case .migrate(let checkOnly):
            return await self.migrate(checkOnly: checkOnly, migrate)
        case .own(let word, let words):
            guard let command = commands.first(where: { $0.name == word }) else { return .usage }
            return await run(command, words)
        case .run:
            return await serve(assemble)
        }
    }

    /// Answers on standard output belong to the command alone, so nothing is logged there.
    private func run<C: ServiceConfiguration>(_ command: ServiceSubcommand<C>, _ words: [String]) async -> ExitCode {
        var reader = ConfigurationReader(environment: variables)
        let common = CommonConfiguration(reader: &reader)
        let configuration = C(reader: &reader)
        do {
            try reader.finish(servicePrefix: C.keyPrefix, declared: C.keys)
        } catch {
            return report(error)
        }
        do {
            try await command.run(configuration, makeEnvironment(common, logger: .disabled), words)
            return .success
        } catch let error as ServiceExit {
            print("\(name) \(command.name): \(error.reason)\n", .error)
            return error.code
        } catch {
            print("\(name) \(command.name): \(error)\n", .error)
            return .internalError
        }
    }

    private func migrate(
        checkOnly: Bool, _ migrate: @Sendable (MigrationRequest) async throws -> Void
    ) async -> ExitCode {
        var reader = ConfigurationReader(environment: variables)
        let common = CommonConfiguration(reader: &reader)
        let password = reader.optional(CommonConfiguration.ownerPasswordKey)
        do {
            try reader.finish()
        } catch {
            return report(error)
        }
        let environment = makeEnvironment(common)
        let request = MigrationRequest(
            checkOnly: checkOnly, database: common.database, ownerPassword: password, environment: environment)
        return await ending(environment.logger) { try await migrate(request) }
    }

    private func serve<C: ServiceConfiguration>(
        _ assemble: (C, ServiceEnvironment) async throws -> ServiceGroup
    ) async -> ExitCode {
        var reader = ConfigurationReader(environment: variables)
        let common = CommonConfiguration(reader: &reader)
        let configuration = C(reader: &reader)
        do {
            try reader.finish(servicePrefix: C.keyPrefix, declared: C.keys)
        } catch {
            return report(error)
        }
        let environment = makeEnvironment(common)
        ProcessMetrics.register(in: environment.metrics, service: name, version: environment.version)
        environment.logger.notice("starting", [.serviceVersion: .string(environment.version)])
        let code = await ending(environment.logger) {
            try await assemble(configuration, environment).run()
        }
        environment.logger.notice("stopped", [.exitCode: .int(Int(code.rawValue))])
        return code
    }

    private func makeEnvironment(_ common: CommonConfiguration, logger: Logger? = nil) -> ServiceEnvironment {
        let clock = common.testClockFile.map { BusinessClock.shifted(byFile: $0) } ?? .system
        let logger =
            logger
            ?? Logger(service: name, level: common.logLevel, writer: LineLogWriter(format: common.logFormat))
        return ServiceEnvironment(
            name: name, clock: clock, ids: .uuidv7(clock: clock), logger: logger, metrics: MetricsRegistry(),
            common: common)
    }

    /// Turns what was thrown into a log line and an exit code.
    private func ending(_ logger: Logger, _ body: () async throws -> Void) async -> ExitCode {
        do {
            try await body()
            return .success
        } catch let error as ServiceExit {
            logger.error("ended on purpose", [.error: .string(error.reason)])
            return error.code
        } catch let error as ConfigurationError {
            return report(error)
        } catch {
            logger.error("failed", [.error: .error(error)])
            return .internalError
        }
    }

    private func report(_ error: ConfigurationError) -> ExitCode {
        let lines = error.mistakes.map { "  \($0)\n" }.joined()
        print("\(name): the configuration has to be changed before the service can start\n\(lines)", .error)
        return .configuration
    }
}

extension LogKey {
    static let exitCode = LogKey("exit.code")
}
