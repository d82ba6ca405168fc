// SPDX-License-Identifier: Apache-2.0

/// What one revision changed: every kind of change, and as many examples of each as a report can list.
struct StepFindings: Sendable {
    private(set) var kinds: Set<ChangeKind> = []
    private(set) var listed: [ChangeFinding] = []
    /// How many more there are than are listed.
    private(set) var omitted = 0
    private var counts: [ChangeKind.Family: Int] = [:]

    mutating func add(_ finding: ChangeFinding) {
        kinds.insert(finding.kind)
        counts[finding.kind.family, default: 0] += 1
        if counts[finding.kind.family, default: 0] <= ChangeReport.maximumListed {
            listed.append(finding)
        } else {
            omitted += 1
        }
    }
}

extension ChangeKind {
    /// Kinds that differ in a name or reason only.
    enum Family: Hashable {
        case neutral, upkeep, newField, signing, filling, comment, record, opening, forbidden, unreadable
    }

    var family: Family {
        switch self {
        case .neutral: .neutral
        case .upkeep: .upkeep
        case .newField: .newField
        case .signing: .signing
        case .filling: .filling
        case .comment: .comment
        case .record: .record
        case .opening: .opening
        case .forbidden: .forbidden
        case .unreadable: .unreadable
        }
    }
}
