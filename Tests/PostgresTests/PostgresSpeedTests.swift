// SPDX-License-Identifier: Apache-2.0

import Foundation
import Postgres
import TestSupport
import Testing

/// Prints figures and judges none; asked for with `PARAPH_BENCH=1`.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["PARAPH_BENCH"] == "1", "set PARAPH_BENCH=1 to measure"))
struct PostgresSpeedTests {
    private static let select = PostgresStatement("select $1::int8", [.int8(7)])

    private static func report(_ name: String, count: Int, _ body: () async throws -> Void) async throws {
        let clock = ContinuousClock()
        let elapsed = try await clock.measure { try await body() }
        let perSecond = Double(count) / (elapsed / .seconds(1))
        print("\(name): \(Int(perSecond))/s")
    }

    @Test func `statements, pipelines and leases per second`() async throws {
        let database = try await Fixture.database("create table t (id int8)")
        let one = database.pool(.intake, size: 1)
        _ = try await one.execute(Self.select)
        try await Self.report("single-row selects, one session", count: 20_000) {
            for _ in 0..<20_000 { _ = try await one.execute(Self.select) }
        }
        let five = [PostgresStatement](repeating: Self.select, count: 5)
        try await Self.report("transactions of five statements in one round trip, one session", count: 10_000) {
            for _ in 0..<10_000 { _ = try await one.withTransaction { try await $0.pipelineAndCommit(five) } }
        }
        try await Self.report("statements of pipelines of 1,000, one session", count: 200_000) {
            let thousand = [PostgresStatement](repeating: Self.select, count: 1_000)
            for _ in 0..<200 { _ = try await one.batch(thousand) }
        }
        let four = database.pool(.intake, size: 4)
        try await Self.report("single-row selects, 64 tasks on 4 sessions", count: 32_000) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<64 {
                    group.addTask { for _ in 0..<500 { _ = try await four.execute(Self.select) } }
                }
                try await group.waitForAll()
            }
        }
        let insert = PostgresStatement("insert into t values ($1)", [.int8(1)])
        try await Self.report("durable one-row transactions, 64 tasks on 4 sessions", count: 3_200) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<64 {
                    group.addTask {
                        for _ in 0..<50 {
                            _ = try await four.withTransaction { try await $0.pipelineAndCommit([insert]) }
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}
