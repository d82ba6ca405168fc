// SPDX-License-Identifier: Apache-2.0
import Clocks
import Contracts
import Foundation
import Postgres
import Testing

@testable import Messaging

/// The consumer's memory as a pure value: what may be handled, what waits, how far each lane is settled.
struct ConsumptionTests {
    private static let now = ContinuousClock.now
    private static let lane = LaneID(topic: .envelopeCommands, number: 0, producer: "intake")

    private static func later(_ seconds: Double) -> ContinuousClock.Instant { now.advanced(by: .seconds(seconds)) }

    private static func delivery(_ key: UUID, _ seq: Int64, at position: Int64) -> Delivery {
        let stream = MessageStream(producer: "intake", topic: .envelopeCommands, key: key)
        let message = InboundMessage(
            stream: stream, seq: seq, type: "T", tenantID: key, time: Instant(microseconds: 0), payload: [])
        return Delivery(message: message, lane: lane, position: LanePosition(major: 1, minor: position))
    }

    private static func handled(_ batch: PendingBatch) -> BatchOutcome {
        var report = BatchReport()
        report.settled = batch.runs.flatMap(\.messages).map { ($0, .handled) }
        return .committed(report)
    }

    private struct NothingToDo: Error {}

    private static func take(
        _ consumption: inout Consumption, at moment: ContinuousClock.Instant
    ) throws -> PendingBatch {
        guard let batch = consumption.takeBatch(now: moment) else { throw NothingToDo() }
        return batch
    }

    private static func consumption(batchSize: Int = 10) -> Consumption {
        var settings = ConsumerSettings(batchSize: batchSize)
        settings.maximumAttempts = 3
        return Consumption(settings: settings)
    }

    @Test func `a stream is handed out in the order of seq, whatever the order of arrival`() throws {
        var consumption = Self.consumption()
        let key = UUID()
        consumption.admit([Self.delivery(key, 2, at: 1), Self.delivery(key, 1, at: 2), Self.delivery(key, 3, at: 3)])
        let batch = try Self.take(&consumption, at: Self.now)
        #expect(batch.runs.map { $0.messages.map(\.message.seq) } == [[1, 2, 3]])
    }

    @Test func `a stream in hand is not handed out again before it is finished`() throws {
        var consumption = Self.consumption(batchSize: 1)
        let key = UUID()
        consumption.admit([Self.delivery(key, 1, at: 1), Self.delivery(key, 2, at: 2)])
        let first = try Self.take(&consumption, at: Self.now)
        let none = consumption.takeBatch(now: Self.now)
        #expect(none == nil)
        _ = consumption.finish(first, Self.handled(first), now: Self.now)
        let second = try Self.take(&consumption, at: Self.now)
        #expect(second.runs[0].messages.map(\.message.seq) == [2])
    }

    @Test func `a lane is settled up to the first message that is not`() throws {
        var consumption = Self.consumption(batchSize: 1)
        let keys = (0..<3).map { _ in UUID() }
        consumption.admit((0..<3).map { Self.delivery(keys[$0], 1, at: Int64($0 + 1)) })
        let batches = (0..<3).compactMap { _ in consumption.takeBatch(now: Self.now) }
        let byPosition = batches.sorted { $0.runs[0].messages[0].position < $1.runs[0].messages[0].position }
        _ = consumption.finish(byPosition[1], Self.handled(byPosition[1]), now: Self.now)
        #expect(consumption.outstandingProgress().isEmpty)
        _ = consumption.finish(byPosition[0], Self.handled(byPosition[0]), now: Self.now)
        #expect(consumption.outstandingProgress().map(\.position.minor) == [2])
        consumption.acknowledge(consumption.outstandingProgress())
        #expect(consumption.outstandingProgress().isEmpty)
        _ = consumption.finish(byPosition[2], Self.handled(byPosition[2]), now: Self.now)
        #expect(consumption.outstandingProgress().map(\.position.minor) == [3])
    }

    @Test func `a batch that fails is repeated one by one, and the one that fails again waits`() throws {
        var consumption = Self.consumption()
        let keys = (0..<3).map { _ in UUID() }
        consumption.admit((0..<3).map { Self.delivery(keys[$0], 1, at: Int64($0 + 1)) })
        let batch = try Self.take(&consumption, at: Self.now)
        #expect(batch.count == 3)
        #expect(consumption.finish(batch, .failed(Mishap()), now: Self.now) == nil)
        var sizes: [Int] = []
        while let single = consumption.takeBatch(now: Self.now) {
            sizes.append(single.count)
            let isPoison = single.runs[0].stream.key == keys[1]
            let outcome = isPoison ? .failed(Mishap()) : Self.handled(single)
            #expect(consumption.finish(single, outcome, now: Self.now) == nil)
        }
        #expect(sizes == [1, 1, 1])
        #expect(consumption.nextDue.map { $0 > Self.now } == true)
        let again = try Self.take(&consumption, at: Self.later(1))
        #expect(again.runs[0].attempts == 1)
        #expect(consumption.finish(again, .failed(Mishap()), now: Self.later(1)) == nil)
        let last = try Self.take(&consumption, at: Self.later(2))
        #expect(consumption.finish(last, .failed(Mishap()), now: Self.later(2))?.runs[0].attempts == 3)
    }

    @Test func `an outage of the database costs no attempt, and a permanent failure none but one`() throws {
        var consumption = Self.consumption()
        consumption.admit([Self.delivery(UUID(), 1, at: 1)])
        for _ in 0..<10 {
            let batch = try Self.take(&consumption, at: Self.now)
            #expect(batch.runs[0].attempts == 0)
            #expect(consumption.finish(batch, .databaseAway(Mishap()), now: Self.now) == nil)
        }
        let batch = try Self.take(&consumption, at: Self.now)
        let doomed = consumption.finish(batch, .failed(PermanentFailure(code: "c", detail: "d")), now: Self.now)
        #expect(doomed?.count == 1)
        #expect(consumption.takeBatch(now: Self.now) == nil)
    }

    @Test func `a gap holds its stream until something of the stream arrives, and raises an alarm after 10 s`() throws {
        var consumption = Self.consumption()
        let key = UUID()
        consumption.admit([Self.delivery(key, 2, at: 1)])
        let batch = try Self.take(&consumption, at: Self.now)
        var report = BatchReport()
        report.gaps = [batch.runs[0].stream]
        _ = consumption.finish(batch, .committed(report), now: Self.now)
        #expect(consumption.takeBatch(now: Self.later(5)) == nil)
        #expect(consumption.takeOverdueGaps(now: Self.later(9)).isEmpty)
        #expect(consumption.overdueStreams.isEmpty)
        #expect(consumption.takeOverdueGaps(now: Self.later(11)).count == 1)
        #expect(consumption.takeOverdueGaps(now: Self.later(12)).isEmpty)
        #expect(consumption.overdueStreams == [.envelopeCommands: 1])
        consumption.admit([Self.delivery(key, 1, at: 2)])
        #expect(consumption.overdueStreams.isEmpty)
        #expect(consumption.takeBatch(now: Self.later(12))?.runs[0].messages.map(\.message.seq) == [1, 2])
    }

    @Test func `a revoked lane can be released once nothing of it is in hand, and a lost one is forgotten`() throws {
        var consumption = Self.consumption(batchSize: 1)
        consumption.admit([Self.delivery(UUID(), 1, at: 1), Self.delivery(UUID(), 1, at: 2)])
        let batch = try Self.take(&consumption, at: Self.now)
        consumption.revoke([Self.lane])
        #expect(consumption.pendingCount == 0)
        #expect(!consumption.hasReleasable)
        _ = consumption.finish(batch, Self.handled(batch), now: Self.now)
        #expect(consumption.takeReleasable() == [Self.lane])

        consumption.admit([Self.delivery(UUID(), 1, at: 3)])
        let late = try Self.take(&consumption, at: Self.now)
        consumption.lose([Self.lane])
        consumption.admit([Self.delivery(UUID(), 1, at: 9)])
        _ = consumption.finish(late, Self.handled(late), now: Self.now)
        #expect(consumption.outstandingProgress().isEmpty)
        #expect(consumption.takeBatch(now: Self.now)?.count == 1)
    }
}
