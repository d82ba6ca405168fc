// SPDX-License-Identifier: Apache-2.0
import Messaging

/// Puts events of one batch into an order in which every cause stands before its effect, and every producer's events
/// stand in the order of its sequence.
enum CauseBeforeEffect {
    struct Item<Value> {
        let id: String
        let stream: MessageStream
        /// The `ce_id` of the audit event that caused this one.
        let after: String?
        let value: Value
    }

    private enum Mark {
        case open, entered, placed
    }

    /// Takes the events with each stream in ascending order.
    ///
    /// A circle, which no honest producer makes, leaves the given order: sequences then still hold.
    static func ordered<Value>(_ items: [Item<Value>]) -> [Value] {
        let places = Dictionary(items.indices.map { (items[$0].id, $0) }) { first, _ in first }
        var last: [MessageStream: Int] = [:]
        let before = items.indices.map { index -> [Int] in
            defer { last[items[index].stream] = index }
            let cause = items[index].after.flatMap { places[$0] }.flatMap { $0 == index ? nil : $0 }
            return [last[items[index].stream], cause].compactMap { $0 }
        }
        var marks = [Mark](repeating: .open, count: items.count)
        var order: [Int] = []
        for start in items.indices where marks[start] == .open {
            var path = [start]
            while let index = path.last {
                marks[index] = marks[index] == .open ? .entered : marks[index]
                if let next = before[index].first(where: { marks[$0] != .placed }) {
                    if marks[next] == .entered { return items.map(\.value) }
                    path.append(next)
                } else {
                    path.removeLast()
                    marks[index] = .placed
                    order.append(index)
                }
            }
        }
        return order.map { items[$0].value }
    }
}
