// SPDX-License-Identifier: Apache-2.0
import Clocks
import Envelopes

/// What a service account may do.
enum Scope: String, Sendable, CaseIterable {
    case createEnvelopes = "envelopes:create"
    /// Without it an account sees what it made.
    case readEnvelopes = "envelopes:read"
    case sendEnvelopes = "envelopes:send"
    case voidEnvelopes = "envelopes:void"
    case downloadDocuments = "documents:download"
    case readAudit = "audit:read"
    case createSessions = "sessions:create"
    case manageWebhooks = "webhooks:manage"
    case verify
    case administerTenant = "tenant:admin"
}

/// Who calls, as a token says it.
struct Principal: Sendable {
    let tenantID: TenantID
    let accountID: ServiceAccountID
    let scopes: Set<Scope>
    let organisation: String
    /// False for a tenant of tests.
    let isLive: Bool
    let expiresAt: Instant
    let isRevoked: Bool
    /// What the tenant wants its signatures to reach.
    let padesLevel: PAdESLevel

    /// Whether the caller may see what this account made.
    func sees(_ owner: ServiceAccountID) -> Bool { owner == accountID || scopes.contains(.readEnvelopes) }

    var actor: AuditActor { .serviceAccount(accountID) }
}
