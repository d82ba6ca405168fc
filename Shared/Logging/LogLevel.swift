// SPDX-License-Identifier: Apache-2.0

/// How much a line matters to an operator.
package enum LogLevel: String, Sendable, CaseIterable, Comparable {
    /// For finding a fault; off in production.
    case debug
    /// Normal work: ids and transitions.
    case info
    /// Rare and normal: start, stop, configuration.
    case notice
    /// Something works only in part, or will fail soon.
    case warning
    /// Somebody has to act.
    case error

    package static func < (left: LogLevel, right: LogLevel) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .debug: 0
        case .info: 1
        case .notice: 2
        case .warning: 3
        case .error: 4
        }
    }
}
