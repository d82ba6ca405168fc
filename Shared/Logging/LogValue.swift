// SPDX-License-Identifier: Apache-2.0
package import FoundationEssentials
import ByteCoding

/// The value of a field in a log line: never a name, an e-mail address, a token, an IP address or free text.
package enum LogValue: Sendable, Equatable {
    case string(String)
    case int(Int)
    case double(Double)
    case bool(Bool)
    case strings([String])

    /// An id in lower case.
    package static func uuid(_ id: UUID) -> LogValue { .string(id.text) }

    /// The error's own description; Paraph's errors carry no secrets and no personal data.
    package static func error(_ error: any Error) -> LogValue { .string(String(describing: error)) }
}

extension LogValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int) { self = .int(value) }
    package init(floatLiteral value: Double) { self = .double(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
}
