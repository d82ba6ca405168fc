// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Foundation
import Synchronization
import SystemDriver

/// `GET /v1/documents/{id}` over random ids, authenticated, on kept-alive connections.
struct StatusReadsFigure {
    private static let connections = 48

    let bench: BenchContext

    func measure() async throws -> Figure {
        let ids = try await drafts(bench.options.isQuick ? 1000 : 10_000)
        let seconds = bench.options.isQuick ? 5 : 20
        // What the drafts set off is done by then.
        try await Task.sleep(for: .seconds(3))
        let before = ProcessUsage.now()
        let processes = bench.system.processIDs()
        let result =
            Tool.exists("wrk")
            ? try await wrk(ids, seconds: seconds) : try await ownClient(ids, seconds: seconds)
        let after = ProcessUsage.now()
        let used = ["intake", "postgresql"].compactMap { name in
            processes[name].map { (name, after.processorSeconds(ofTree: $0) - before.processorSeconds(ofTree: $0)) }
        }
        return Figure(
            name: "status_reads", value: result.rate, unit: "reads/s", limit: 5000, goal: .atLeast,
            detail: [
                bench.driverDetail, ("documents", .integer(Int64(ids.count))), ("client", .string(result.client)),
                ("connections", .integer(Int64(Self.connections))), ("p99_ms", Figure.rounded(result.p99)),
                (
                    "cpu_us_per_read",
                    .object(
                        Dictionary(
                            uniqueKeysWithValues: used.map {
                                ($0.0, Figure.rounded($0.1 * 1e6 / Double(max(1, result.reads))))
                            }))
                ),
            ])
    }

    private struct Result {
        let client: String
        let rate: Double
        let reads: Int
        let p99: Double
    }

    /// Envelopes that are never sent, all of one upload.
    private func drafts(_ count: Int) async throws -> [String] {
        let client = bench.flow.client
        let upload = try await client.upload(OfferDocument(number: 7).bytes)
        guard upload.status == 201, let uploadID = upload["upload_id"]?.stringValue else {
            throw SystemError("POST /v1/uploads answered \(upload.summary)")
        }
        var plan = BenchContext.plan(7)
        plan.sends = false
        plan.uploadID = uploadID
        let draft = plan
        let lanes = 32
        return try await withThrowingTaskGroup(of: [String].self) { group in
            for lane in 0..<lanes {
                group.addTask {
                    var ids: [String] = []
                    for _ in stride(from: lane, to: count, by: lanes) {
                        ids.append(try client.accepted(try await client.createFromUpload(draft)).documentID)
                    }
                    return ids
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }

    private func wrk(_ ids: [String], seconds: Int) async throws -> Result {
        let folder = try Tool.scratchFolder("wrk")
        defer { try? FileManager.default.removeItem(at: folder) }
        let script = """
            local requests = {}
            function init(args)
                math.randomseed(os.time())
                local headers = { ["Authorization"] = "Bearer \(bench.flow.client.token)", ["Accept"] = "application/json" }
                for line in io.lines("\(folder.path)/ids") do
                    requests[#requests + 1] = wrk.format("GET", "/v1/documents/" .. line, headers)
                end
            end
            function request() return requests[math.random(#requests)] end
            function done(summary, latency, requests)
                local bad = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout
                print(string.format("figures %d %d %f %d", summary.requests, summary.duration, latency:percentile(99), bad))
            end
            """
        try script.write(to: folder.appendingPathComponent("reads.lua"), atomically: true, encoding: .utf8)
        try (ids.joined(separator: "\n") + "\n").write(
            to: folder.appendingPathComponent("ids"), atomically: true, encoding: .utf8)
        let result = try await Tool.run(
            [
                "wrk", "-t", "1", "-c", String(Self.connections), "-d", "\(seconds)s", "-s",
                folder.appendingPathComponent("reads.lua").path, bench.flow.client.publicURL,
            ], timeoutSeconds: seconds + 60)
        guard let line = result.output.split(separator: "\n").first(where: { $0.hasPrefix("figures ") }) else {
            throw SystemError("wrk: \(result.output)")
        }
        let numbers = line.split(separator: " ").dropFirst().compactMap { Double($0) }
        guard numbers.count == 4, numbers[3] == 0 else {
            throw SystemError("wrk counted failed reads: \(result.output)")
        }
        return Result(
            client: "wrk", rate: numbers[0] / (numbers[1] / 1e6), reads: Int(numbers[0]), p99: numbers[2] / 1000)
    }

    private func ownClient(_ ids: [String], seconds: Int) async throws -> Result {
        let client = try bench.system.client()
        let started = ContinuousClock.now
        let end = started + .seconds(seconds)
        let all = try await withThrowingTaskGroup(of: [Double].self) { group in
            for lane in 0..<Self.connections {
                group.addTask {
                    var noise = Noise(state: UInt64(lane))
                    var milliseconds: [Double] = []
                    while ContinuousClock.now < end {
                        let begun = ContinuousClock.now
                        let answer = try await client.document(ids[Int(noise.next() % UInt64(ids.count))])
                        guard answer.status == 200 else {
                            throw SystemError("a status read answered \(answer.summary)")
                        }
                        milliseconds.append((ContinuousClock.now - begun).seconds * 1000)
                    }
                    return milliseconds
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        let seconds = (ContinuousClock.now - started).seconds
        return Result(
            client: "own", rate: Double(all.count) / seconds, reads: all.count, p99: FigureSummary(all).percentile(0.99)
        )
    }
}
