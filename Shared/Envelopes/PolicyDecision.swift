// SPDX-License-Identifier: Apache-2.0

/// Whose key makes the cryptographic signature.
package enum SigningMethod: String, Sendable, Hashable, Codable, CaseIterable {
    case platformSeal = "platform_seal"
    case signerCertificate = "signer_certificate"
    case remote
}

/// The legal weight that the signature claims.
package enum LegalStandard: String, Sendable, Hashable, Codable, CaseIterable {
    case click
    case advanced
    case qualified
}

/// How the recipient was tied to the request.
package enum AuthMethod: String, Sendable, Hashable, Codable, CaseIterable {
    case emailLink = "email_link"
}

/// The baseline level of a signature (EN 319 142-1, clause 6).
package enum PAdESLevel: String, Sendable, Hashable, Codable, CaseIterable, Comparable {
    case basic = "B-B"
    case timestamped = "B-T"
    case longTerm = "B-LT"
    case archival = "B-LTA"

    /// Orders by what is proven: each level includes the one before.
    package static func < (left: PAdESLevel, right: PAdESLevel) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .basic: 0
        case .timestamped: 1
        case .longTerm: 2
        case .archival: 3
        }
    }
}

/// How an envelope is signed, decided once when it is created and recorded with every act.
package struct PolicyDecision: Sendable, Hashable, Codable {
    package let policyVersion: String
    package let signingMethod: SigningMethod
    package let legalStandard: LegalStandard
    package let authMethod: AuthMethod
    package let padesLevel: PAdESLevel

    package init(
        policyVersion: String, signingMethod: SigningMethod, legalStandard: LegalStandard, authMethod: AuthMethod,
        padesLevel: PAdESLevel
    ) {
        self.policyVersion = policyVersion
        self.signingMethod = signingMethod
        self.legalStandard = legalStandard
        self.authMethod = authMethod
        self.padesLevel = padesLevel
    }

    private enum CodingKeys: String, CodingKey {
        case policyVersion = "policy_version"
        case signingMethod = "signing_method"
        case legalStandard = "legal_standard"
        case authMethod = "auth_method"
        case padesLevel = "pades_level"
    }
}
