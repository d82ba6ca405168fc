// SPDX-License-Identifier: Apache-2.0
package import Envelopes

/// The policy that holds while a tenant has none of its own: sealed by the platform, agreed to by a click, at the
/// tenant's level.
package enum BuiltInPolicy {
    /// Recorded with every act, so that a later reader knows which rules were in force.
    package static let version = "builtin-1"

    /// How an envelope of this kind is signed; the same facts always give the same decision.
    package static func decision(for facts: PolicyFacts) -> PolicyDecision {
        PolicyDecision(
            policyVersion: version, signingMethod: .platformSeal, legalStandard: .click, authMethod: .emailLink,
            padesLevel: facts.padesLevel ?? .basic)
    }
}

/// What a policy may look at: the kind of transaction, never who the people are.
package struct PolicyFacts: Sendable, Hashable {
    package let tenantID: TenantID
    package let documentType: String?
    package let jurisdiction: String?
    package let isLive: Bool
    /// What the tenant's row says.
    package let padesLevel: PAdESLevel?

    package init(
        tenantID: TenantID, documentType: String?, jurisdiction: String?, isLive: Bool, padesLevel: PAdESLevel? = nil
    ) {
        self.tenantID = tenantID
        self.documentType = documentType
        self.jurisdiction = jurisdiction
        self.isLive = isLive
        self.padesLevel = padesLevel
    }

    /// The facts of a draft.
    package init(of draft: EnvelopeDraft) {
        self.init(
            tenantID: draft.tenantID, documentType: draft.documentType, jurisdiction: draft.jurisdiction,
            isLive: draft.isLive, padesLevel: draft.padesLevel)
    }
}
