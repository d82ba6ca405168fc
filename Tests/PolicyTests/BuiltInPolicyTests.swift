// SPDX-License-Identifier: Apache-2.0
import Envelopes
import FoundationEssentials
import Policy
import Testing

@Suite struct BuiltInPolicyTests {
    @Test func `without a tenant's own policy the platform seals what a click agreed to, at level B-B`() {
        let facts = PolicyFacts(tenantID: TenantID(UUID()), documentType: nil, jurisdiction: "DE", isLive: true)
        let decision = BuiltInPolicy.decision(for: facts)
        #expect(decision.policyVersion == "builtin-1")
        #expect(decision.signingMethod == .platformSeal)
        #expect(decision.legalStandard == .click)
        #expect(decision.authMethod == .emailLink)
        #expect(decision.padesLevel == .basic)
        #expect(BuiltInPolicy.decision(for: facts) == decision)
    }

    @Test(arguments: PAdESLevel.allCases)
    func `LTV-01: the tenant's level is the policy's, and B-B where it says nothing`(level: PAdESLevel) {
        let tenant = TenantID(UUID())
        let facts = PolicyFacts(
            tenantID: tenant, documentType: nil, jurisdiction: nil, isLive: true, padesLevel: level)
        #expect(BuiltInPolicy.decision(for: facts).padesLevel == level)
        let silent = PolicyFacts(tenantID: tenant, documentType: nil, jurisdiction: nil, isLive: true)
        #expect(BuiltInPolicy.decision(for: silent).padesLevel == .basic)
    }
}
