// SPDX-License-Identifier: Apache-2.0
import Foundation

/// One command of the tool: its words after `paraph NAME`, its exit code as the answer.
protocol Command: SendableMetatype {
    static var name: String { get }
    static var summary: String { get }
    static var usage: String { get }
    @MainActor static func run(_ words: [String]) async throws -> Int32
}

@main
struct CLIMain {
    static let commands: [any Command.Type] = [
        SignCommand.self, VerifyCommand.self, InspectCommand.self, AdminCommand.self, KeysCommand.self,
        RedriveCommand.self, DevCommand.self,
    ]

    @MainActor static func main() async {
        exit(await run(Array(CommandLine.arguments.dropFirst())))
    }

    @MainActor static func run(_ words: [String]) async -> Int32 {
        guard let first = words.first, first != "--help", first != "help" else {
            Terminal.say(help)
            return words.isEmpty ? 64 : 0
        }
        guard let command = commands.first(where: { $0.name == first }) else {
            Terminal.complain("paraph: there is no command '\(first)'. `paraph --help` lists them.")
            return 64
        }
        let rest = Array(words.dropFirst())
        if rest.first == "--help" || rest.first == "help" {
            Terminal.say(command.usage)
            return 0
        }
        do {
            return try await command.run(rest)
        } catch let error as UsageError {
            Terminal.complain("paraph \(first): \(error.message)\n\n\(command.usage)")
            return 64
        } catch let failure as CommandFailure {
            Terminal.complain("paraph \(first): \(failure.message)")
            return failure.exitCode
        } catch {
            Terminal.complain("paraph \(first): \(error)")
            return 70
        }
    }

    static var help: String {
        let width = commands.map { $0.name.count }.max() ?? 0
        let rows = commands.map {
            "  \($0.name.padding(toLength: width + 2, withPad: " ", startingAt: 0))\($0.summary)"
        }
        return """
            paraph: the tool beside Paraph's services

            usage: paraph COMMAND [ARGUMENT]...

            \(rows.joined(separator: "\n"))

            `paraph COMMAND --help` says more about one.
            """
    }
}
