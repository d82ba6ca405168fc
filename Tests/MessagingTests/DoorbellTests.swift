// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Messaging

struct DoorbellTests {
    @Test func `a bell is silent for sources that nobody behind it reads`() async {
        let bell = Doorbell(sources: ["intake/a", "vault/b"])
        bell.ring(["signing/c"])
        #expect(!bell.hasRung)
        bell.ring(["signing/c", "vault/b"])
        #expect(bell.hasRung)
        let ring = await bell.wait(seconds: 60)
        #expect(ring.sources == ["vault/b"])
        #expect(!ring.isAll)
        #expect(!bell.hasRung)
    }

    @Test func `when notifications may have been missed every bell rings`() async {
        let bell = Doorbell(sources: ["intake/a"])
        bell.ringAll()
        let ring = await bell.wait(seconds: 60)
        #expect(ring.isAll)
        #expect(ring.sources.isEmpty)
    }
}
