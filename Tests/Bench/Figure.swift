// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Foundation

/// One measured figure beside what it is held to.
struct Figure: Sendable {
    enum Goal: Sendable {
        case atLeast
        case atMost
        /// What cannot be reached; the ratio says how near it is.
        case bound
    }

    let name: String
    let value: Double
    let unit: String
    let limit: Double
    let goal: Goal
    /// What the figure is made of; `driver` is always one of them where messages travelled.
    var detail: [(String, JSONValue)] = []

    /// Value by limit; see `isMet` for which side of 1 is the good one.
    var ratio: Double { limit == 0 ? 0 : value / limit }

    var isMet: Bool {
        switch goal {
        case .atLeast: value >= limit
        case .atMost: value <= limit
        case .bound: true
        }
    }

    /// Rounded to four significant digits.
    static func rounded(_ value: Double) -> JSONValue {
        guard value != 0, value.isFinite else { return .integer(0) }
        let scale = pow(10, 3 - floor(log10(abs(value))))
        return .number((value * scale).rounded() / scale)
    }

    var json: JSONValue {
        .object([
            "name": .string(name), "value": Self.rounded(value), "unit": .string(unit), "limit": Self.rounded(limit),
            "ratio": Self.rounded(ratio), "detail": .object(Dictionary(detail) { $1 }),
        ])
    }

    var row: String {
        let goalSign = goal == .atLeast ? "≥" : goal == .atMost ? "≤" : "→"
        let head = Self.pad(name, 26) + Self.padLeft(Self.text(value), 10) + " " + Self.pad(unit, 13)
        let held = goalSign + Self.padLeft(Self.text(limit), 9) + Self.padLeft(String(format: "%.2f", ratio), 8)
        return head + held + (goal == .bound ? "" : isMet ? "   met" : "   NOT met")
    }

    var detailText: String {
        detail.map { "\($0.0) \(Self.words($0.1))" }.joined(separator: ", ")
    }

    static let heading =
        pad("figure", 26) + padLeft("value", 10) + " " + pad("unit", 13) + padLeft("limit", 10) + padLeft("ratio", 8)

    private static func words(_ value: JSONValue) -> String {
        switch value {
        case .string(let text): text
        case .integer(let number): String(number)
        case .number(let number): text(number)
        case .object(let members):
            "(" + members.sorted { $0.key < $1.key }.map { "\($0.key) \(words($0.value))" }.joined(separator: ", ")
                + ")"
        default: String(decoding: value.canonicalBytes(), as: UTF8.self)
        }
    }

    static func text(_ value: Double) -> String {
        abs(value) >= 1000 ? String(format: "%.0f", value) : String(format: abs(value) >= 100 ? "%.1f" : "%.2f", value)
    }

    private static func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private static func padLeft(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
