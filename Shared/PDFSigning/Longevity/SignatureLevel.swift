// SPDX-License-Identifier: Apache-2.0

/// The baseline levels of EN 319 142-1, 6; each proves what the one before does, for longer.
package enum SignatureLevel: String, Sendable, Hashable, CaseIterable, Comparable {
    /// A signature.
    case basic = "B-B"
    /// A signature and a trusted time.
    case timestamped = "B-T"
    /// Also everything that validates it offline.
    case longTerm = "B-LT"
    /// Also a timestamp over all of that, to be renewed before its authority's certificate expires.
    case longTermArchived = "B-LTA"

    package static func < (left: SignatureLevel, right: SignatureLevel) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .basic: 0
        case .timestamped: 1
        case .longTerm: 2
        case .longTermArchived: 3
        }
    }
}
