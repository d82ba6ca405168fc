// SPDX-License-Identifier: Apache-2.0
import Contracts
import Foundation
import Messaging
import Testing

@testable import Vault

@Suite struct CauseBeforeEffectTests {
    private static let key = UUID()

    private func item(_ producer: String, _ seq: Int64, after: String? = nil) -> CauseBeforeEffect.Item<String> {
        let stream = MessageStream(producer: producer, topic: .auditEvents, key: Self.key)
        return .init(id: stream.messageID(seq), stream: stream, after: after, value: "\(producer)\(seq)")
    }

    private func id(_ producer: String, _ seq: Int64) -> String {
        MessageStream(producer: producer, topic: .auditEvents, key: Self.key).messageID(seq)
    }

    @Test func `causes come first and each stream keeps its order`() {
        let items = [
            item("a", 1, after: id("b", 2)), item("a", 2), item("b", 1), item("b", 2, after: id("c", 1)), item("c", 1),
        ]
        #expect(CauseBeforeEffect.ordered(items) == ["b1", "c1", "b2", "a1", "a2"])
    }

    @Test func `without causes nothing moves`() {
        #expect(CauseBeforeEffect.ordered([item("b", 1), item("a", 7), item("b", 2)]) == ["b1", "a7", "b2"])
        #expect(CauseBeforeEffect.ordered([CauseBeforeEffect.Item<String>]()).isEmpty)
    }

    @Test func `a circle and a message that names itself leave the order as it is`() {
        let circle = [item("a", 1, after: id("b", 1)), item("b", 1, after: id("a", 1))]
        #expect(CauseBeforeEffect.ordered(circle) == ["a1", "b1"])
        #expect(CauseBeforeEffect.ordered([item("a", 1, after: id("a", 1))]) == ["a1"])
        // The event's cause stands later in its own stream.
        #expect(CauseBeforeEffect.ordered([item("a", 1, after: id("a", 2)), item("a", 2)]) == ["a1", "a2"])
    }

    @Test func `chains of five hundred need no deep recursion`() {
        let items = (1...500).reversed().map { item("p\($0)", 1, after: $0 == 1 ? nil : id("p\($0 - 1)", 1)) }
        #expect(CauseBeforeEffect.ordered(items) == (1...500).map { "p\($0)1" })
    }
}
