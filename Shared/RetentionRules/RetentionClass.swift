// SPDX-License-Identifier: Apache-2.0
package import Clocks
package import Envelopes

/// A named rule: how long an artifact is kept at least, counted from its anchor.
package struct RetentionClass: Sendable, Hashable {
    /// The name that stands in API, messages and rows.
    package let name: String
    package let period: RetentionPeriod

    /// Employment records.
    package static let employment7Years = RetentionClass(name: "employment_7y", period: .years(7))
    /// Contracts and their evidence.
    package static let contract10Years = RetentionClass(name: "contract_10y", period: .years(10))
    /// Tax and accounting documents.
    package static let tax10Years = RetentionClass(name: "tax_10y", period: .years(10))
    /// Where the sender named none.
    package static let default7Years = RetentionClass(name: "default_7y", period: .years(7))
    /// Everything made with a test token.
    package static let test30Days = RetentionClass(name: "test_30d", period: .days(30))
    /// Drafts, and originals and revisions once a signed document replaces them.
    package static let working30Days = RetentionClass(name: "working_30d", period: .days(30))

    /// Every class, in the order that lists show.
    package static let all: [RetentionClass] = [
        employment7Years, contract10Years, tax10Years, default7Years, test30Days, working30Days,
    ]

    /// The classes that a sender may name.
    package static let selectable: [RetentionClass] = [employment7Years, contract10Years, tax10Years, default7Years]

    /// The class of that name; nil is refused at intake and is an incident later.
    package init?(named name: String) {
        guard let found = RetentionClass.all.first(where: { $0.name == name }) else { return nil }
        self = found
    }

    private init(name: String, period: RetentionPeriod) {
        self.name = name
        self.period = period
    }

    /// The class of an envelope from what its creation said.
    package static func `class`(named name: String?, isLive: Bool) -> RetentionClass? {
        guard isLive else { return .test30Days }
        guard let name else { return .default7Years }
        return selectable.first { $0.name == name }
    }

    /// The class of one artifact of an envelope of this class: what the signed document replaces goes earlier.
    package func `class`(of kind: ArtifactKind) -> RetentionClass {
        switch kind {
        case .signedDocument, .completionCertificate, .evidencePackage, .auditTrail: self
        case .originalDocument, .preparedDocument, .revision, .signatureImage:
            self == .test30Days ? self : .working30Days
        }
    }

    /// The first instant at which an artifact with that anchor may be disposed of.
    package func dueDate(anchoredAt anchor: Instant) -> Instant {
        period.end(from: anchor)
    }

    /// Whether disposal is allowed now.
    package func disposal(anchoredAt anchor: Instant, at now: Instant) -> DisposalDecision {
        let due = dueDate(anchoredAt: anchor)
        return now >= due ? .allowed : .refused(until: due)
    }
}

/// The answer to a request for disposal.
package enum DisposalDecision: Sendable, Hashable {
    case allowed
    case refused(until: Instant)
}
