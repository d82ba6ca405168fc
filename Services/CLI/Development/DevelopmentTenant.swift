// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Foundation
import Keys

/// A tenant with a seal, an account that may do everything a client does, and a token for it.
struct DevelopmentTenant {
    private static let organisation = "Example Ltd"
    private static let scopes =
        "envelopes:create,envelopes:read,envelopes:send,envelopes:void,documents:download,audit:read,verify"

    let installation: DevelopmentInstallation

    func create() throws -> DevelopmentAccess {
        let tenant = try admin(
            [
                "tenant", "create", "--name", "Example", "--organisation", Self.organisation, "--level",
                installation.level,
            ], "tenant_id")
        guard let id = UUID(text: tenant) else { throw CommandFailure("the tenant's id '\(tenant)' is no UUID") }
        try DevelopmentKeys(
            at: installation.keys.path, owners: installation.keyOwners, clock: .system, ids: .uuidv7(clock: .system)
        ).addTenant(id, organization: Self.organisation)
        let account = try admin(
            ["account", "create", "--tenant", tenant, "--name", "demo", "--scopes", Self.scopes], "account_id")
        let token = try admin(["token", "create", "--account", account], "token")
        return DevelopmentAccess(
            tenantID: tenant, token: token, publicURL: installation.publicURL, level: installation.level)
    }

    /// Runs one of intake's administration commands and answers one member of what it prints.
    private func admin(_ words: [String], _ member: String) throws -> String {
        let process = Process()
        process.executableURL = Siblings.executable(of: "intake")
        process.arguments = ["admin"] + words + ["--json"]
        process.environment = installation.environment(of: "intake").merging(["PARAPH_LOG_LEVEL": "error"]) { $1 }
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0, let value = try? JSONValue(parsing: Array(bytes)),
            let text = value[member]?.stringValue
        else { throw CommandFailure("paraph-intake admin \(words.prefix(2).joined(separator: " ")) failed") }
        return text
    }
}
