// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Foundation

extension RunningSystem {
    /// Runs one of intake's administration commands on this system and answers one member of what it prints.
    ///
    /// - Throws: `SystemError` with the output when the command fails.
    package func administer(_ words: [String], _ member: String) async throws -> String {
        let environment = [
            "PARAPH_DATABASE_HOST": folder.appendingPathComponent("database").path, "PARAPH_DATABASE_PORT": "5432",
            "PARAPH_DATABASE_NAME": "paraph", "PARAPH_LOG_LEVEL": "error", "PARAPH_PUBLIC_URL": publicURL,
            "PARAPH_KEY_STORE": folder.appendingPathComponent("keys/intake").path,
            "PARAPH_OBJECT_STORE": folder.appendingPathComponent("objects").path,
            "INTAKE_DATABASE_PASSWORD_FILE": folder.appendingPathComponent("secrets/paraph_intake.password").path,
        ]
        let program = folder.appendingPathComponent("bin/paraph-intake").path
        let result = try await Tool.run([program, "admin"] + words + ["--json"], environment: environment)
        guard result.status == 0, let value = try? JSONValue(parsing: Array(result.output.utf8)),
            let text = value[member]?.stringValue
        else { throw SystemError("paraph-intake admin \(words.prefix(2).joined(separator: " ")): \(result.output)") }
        return text
    }
}
