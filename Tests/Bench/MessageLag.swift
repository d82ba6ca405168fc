// SPDX-License-Identifier: Apache-2.0
import Foundation
import SystemDriver

/// The histogram `paraph_message_lag_seconds` of all services together: from writing a message to having handled it.
struct MessageLag: Sendable {
    /// Messages handled within each upper bound, in seconds.
    private var cumulative: [Double: Double] = [:]

    /// A look at all services.
    ///
    /// - Throws: `SystemError` when an admin listener does not answer.
    static func now(_ system: RunningSystem) async throws -> MessageLag {
        let client = try system.client()
        var lag = MessageLag()
        for service in RunningSystem.services {
            let answer = try await client.send("GET", system.adminURL(service) + "/metrics")
            guard answer.status == 200 else { throw SystemError("/metrics of \(service) answered \(answer.status)") }
            lag.add(String(decoding: answer.body, as: UTF8.self))
        }
        return lag
    }

    private mutating func add(_ text: String) {
        for line in text.split(separator: "\n") where line.hasPrefix("paraph_message_lag_seconds_bucket") {
            guard let quote = line.range(of: "le=\""), let end = line[quote.upperBound...].firstIndex(of: "\""),
                let count = line.split(separator: " ").last.flatMap({ Double($0) })
            else { continue }
            let bound =
                line[quote.upperBound..<end] == "+Inf"
                ? Double.infinity : Double(line[quote.upperBound..<end]) ?? .infinity
            cumulative[bound, default: 0] += count
        }
    }

    /// Messages handled since an earlier look.
    func count(since earlier: MessageLag) -> Int {
        Int(cumulative[.infinity, default: 0] - earlier.cumulative[.infinity, default: 0])
    }

    /// Seconds that this share of the messages since then did not exceed; between two bounds it is a straight line.
    func percentile(_ share: Double, since earlier: MessageLag) -> Double {
        let bounds = cumulative.keys.sorted()
        let counts = bounds.map { cumulative[$0, default: 0] - earlier.cumulative[$0, default: 0] }
        guard let all = counts.last, all > 0, let place = counts.firstIndex(where: { $0 >= share * all }) else {
            return 0
        }
        let lower = place > 0 ? bounds[place - 1] : 0
        let upper = bounds[place].isFinite ? bounds[place] : lower
        let below = place > 0 ? counts[place - 1] : 0
        let within = counts[place] - below
        return within > 0 ? lower + (upper - lower) * (share * all - below) / within : upper
    }
}
