// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import SystemDriver

/// From the posted agreement to the answer that the signed revision is durable, on a system that does nothing else.
struct LatencyFigures {
    let bench: BenchContext

    func measure() async throws -> [Figure] {
        let count = bench.options.isQuick ? 30 : 200
        var milliseconds: [Double] = []
        for number in 0..<UInt64(count + 5) {
            let created = try await bench.flow.send(
                BenchContext.plan(number), file: OfferDocument(number: 1_000_000 + number).bytes, ledger: bench.ledger)
            let visit = try await bench.flow.visit(created.signers[0].requestID)
            let page = try await visit.page()
            _ = try await visit.view()
            // What the opening set off is done by then.
            try await Task.sleep(for: .milliseconds(60))
            let submission = SigningVisit.agreement(to: page.json)
            let started = ContinuousClock.now
            var answer = try await visit.submit(submission)
            while answer["status"]?.stringValue != "signed" {
                guard answer.status == 202 || answer.status == 200 else {
                    throw SystemError("POST fields answered \(answer.summary)")
                }
                try await Task.sleep(for: .milliseconds(5))
                answer = try await visit.status()
            }
            // The first ones warm caches up.
            if number >= 5 { milliseconds.append((ContinuousClock.now - started).seconds * 1000) }
            try await bench.flow.client.wait(for: "completed", of: created.documentID)
        }
        let summary = FigureSummary(milliseconds)
        let detail = [
            bench.driverDetail, ("submissions", .integer(Int64(count))),
            ("largest_ms", Figure.rounded(summary.largest)),
        ]
        return [
            Figure(
                name: "submit_to_signed_p50", value: summary.percentile(0.5), unit: "ms", limit: 100, goal: .atMost,
                detail: detail),
            Figure(
                name: "submit_to_signed_p99", value: summary.percentile(0.99), unit: "ms", limit: 200, goal: .atMost,
                detail: detail),
        ]
    }
}
