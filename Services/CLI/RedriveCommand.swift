// SPDX-License-Identifier: Apache-2.0

/// `paraph redrive`: dead letters of one service, listed or put back under the same key.
enum RedriveCommand: Command {
    static let name = "redrive"
    static let summary = "list dead letters of a service, or put one back to be handled again"
    static let usage = """
        usage: paraph redrive SERVICE list [--json]
               paraph redrive SERVICE run ID

        SERVICE is one of intake, orchestrator, signer, notifier, vault, retention. `run` puts a message back with the
        same key and sequence; those of its envelope that were parked behind it follow in their order. The service's
        own environment (database, password file) must be set.
        """

    static func run(_ words: [String]) async throws -> Int32 {
        guard let service = words.first, Siblings.services.contains(service) else {
            throw UsageError(message: "name the service: \(Siblings.services.joined(separator: ", "))")
        }
        return try Siblings.run(service, ["redrive"] + words.dropFirst())
    }
}
