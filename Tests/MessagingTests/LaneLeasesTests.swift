// SPDX-License-Identifier: Apache-2.0
import Contracts
import Logging
import Messaging
import Metrics
import Postgres
import TestSupport
import Testing

struct LaneLeasesTests {
    private static let topics = [Topic.envelopeCommands, Topic.signingJobs]

    @Test func `members hold at most their share and give the rest back once nothing of it is in hand`() async throws {
        let fixture = try await MessagingFixture.make()
        func member() -> LaneLeases {
            LaneLeases(consumer: "group", topics: Self.topics, pool: fixture.consumerPool, logger: .disabled)
        }
        let (first, second) = (member(), member())
        try await first.prepare()
        try await first.beat()
        #expect(first.held().count == 60)
        #expect(first.takeChanges().gained.count == 60)

        try await second.beat()
        #expect(second.held().isEmpty)
        try await first.beat()
        let changes = first.takeChanges()
        #expect(changes.revoking.count == 30)
        #expect(first.held().count == 30)
        try await second.beat()
        #expect(second.held().isEmpty)
        try await first.release(changes.revoking)
        try await second.beat()
        #expect(second.held() == changes.revoking)
        #expect(first.held().isDisjoint(with: second.held()))

        await second.close()
        try await first.beat()
        #expect(first.held().count == 60)
        await fixture.close()
    }

    @Test func `a fence refuses a lane with a new holder and keeps takers away until commit`() async throws {
        let fixture = try await MessagingFixture.make()
        let leases = LaneLeases(consumer: "group", topics: Self.topics, pool: fixture.consumerPool, logger: .disabled)
        try await leases.prepare()
        try await leases.beat()
        let lane = LaneID(topic: .envelopeCommands, number: 3)
        let fence = try leases.fence([lane])
        _ = try await fixture.consumerPool.execute(fence)

        // The leases expire, as if no heartbeat had come for long.
        let administrator = fixture.database.ownerPool(of: .orchestrator)
        _ = try await administrator.execute(PostgresStatement("update lane_lease set expires_at = '-infinity'"))
        _ = try await administrator.execute(PostgresStatement("update lane_member set expires_at = '-infinity'"))
        let thief = LaneLeases(consumer: "group", topics: Self.topics, pool: administrator, logger: .disabled)
        try await fixture.consumerPool.withTransaction { transaction in
            _ = try await transaction.execute(fence)
            try await thief.beat()
            #expect(thief.held().isEmpty)
        }
        try await thief.beat()
        #expect(thief.held().count == 60)
        await #expect { try await fixture.consumerPool.execute(fence) } throws: {
            ($0 as? PostgresError)?.sqlState == SQLState("PM001")
        }
        try await leases.beat()
        #expect(leases.takeChanges().lost == thief.held())
        #expect(throws: LaneLost.self) { try leases.fence([lane]) }
        await administrator.close()
        await fixture.close()
    }
}
