// SPDX-License-Identifier: Apache-2.0

/// The deliveries of one lane between its cursor and what was read, to know up to where all are settled.
struct LaneWindow {
    /// Tells this window from an earlier one of the same lane.
    let generation: Int
    private var items: [(position: LanePosition, isSettled: Bool)] = []
    private var head = 0
    private var firstNumber = 0
    /// The last position before which everything is settled; nil until something was.
    private var settled: LanePosition?
    private var acknowledged: LanePosition?
    /// Deliveries being handled now; a lane is released only at zero.
    var inFlight = 0
    var isRevoking = false

    init(generation: Int) { self.generation = generation }

    /// Unsettled deliveries and those settled behind them.
    var count: Int { items.count - head }

    mutating func append(_ position: LanePosition) -> Int {
        items.append((position, false))
        return firstNumber + items.count - 1
    }

    mutating func settle(_ number: Int) {
        let index = number - firstNumber
        guard index >= head, index < items.count else { return }
        items[index].isSettled = true
        while head < items.count, items[head].isSettled {
            settled = items[head].position
            head += 1
        }
        if head > 1024, head * 2 > items.count {
            items.removeFirst(head)
            firstNumber += head
            head = 0
        }
    }

    /// How far the lane is settled, unless that is acknowledged already.
    var progress: LanePosition? {
        guard let settled, acknowledged.map({ $0 < settled }) ?? true else { return nil }
        return settled
    }

    mutating func acknowledge(_ position: LanePosition) {
        if acknowledged.map({ $0 < position }) ?? true { acknowledged = position }
    }
}
