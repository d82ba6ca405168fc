// SPDX-License-Identifier: Apache-2.0

/// The six services as the database knows them: one role and one schema each.
package enum ServiceRole: String, CaseIterable, Sendable {
    /// Public API and signing pages.
    case intake
    /// Workflow state.
    case orchestrator
    /// Preparing and signing PDFs.
    case signer
    /// Mails to recipients.
    case notifier
    /// Evidence and audit chains.
    case vault
    /// Retention rules.
    case retention

    /// The role that owns the database, its schemas and tables; only migrations log in as it.
    package static let owner = "paraph_owner"

    /// The role's name, such as `paraph_intake`.
    package var name: String { "paraph_\(rawValue)" }

    /// The only schema that the role may use.
    package var schema: String {
        switch self {
        case .intake: "intake"
        case .orchestrator: "orchestration"
        case .signer: "signing"
        case .notifier: "notification"
        case .vault: "vault"
        case .retention: "retention"
        }
    }
}
