// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import SystemDriver

/// The most memory that any service ever held while a document of 93 MB went all the way.
struct LargeDocumentFigure {
    private static let megabytes = 93

    let bench: BenchContext

    func measure() async throws -> Figure {
        let services = bench.system.processIDs().filter { RunningSystem.services.contains($0.key) }
        let idle = services.compactMapValues { ProcessUsage.peakResidentBytes(of: $0) }
        let clock = ContinuousClock()
        let started = clock.now
        let file = OfferDocument(number: 93, size: Self.megabytes << 20).bytes
        let created = try await bench.flow.send(BenchContext.plan(93), file: file, ledger: bench.ledger)
        try await bench.flow.complete(created)
        let signed = try await bench.flow.client.download(created.documentID)
        guard signed.status == 200, signed.body.count > file.count else {
            throw SystemError("the large document's download answered \(signed.summary)")
        }
        try await Settlement.untilSealed(bench, envelopes: bench.ledger.count)
        let took = clock.now - started
        let peaks = services.compactMapValues { ProcessUsage.peakResidentBytes(of: $0) }
        let detail = peaks.mapValues { Figure.rounded(Double($0) / 1e6) }
        return Figure(
            name: "large_document_resident", value: Double(peaks.values.max() ?? 0) / 1e6, unit: "MB", limit: 150,
            goal: .atMost,
            detail: [
                bench.driverDetail, ("document_bytes", .integer(Int64(file.count))), ("peak_mb", .object(detail)),
                ("idle_mb", .object(idle.mapValues { Figure.rounded(Double($0) / 1e6) })),
                ("seconds", Figure.rounded(took.seconds)),
            ])
    }
}
