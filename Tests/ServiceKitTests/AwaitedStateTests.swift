// SPDX-License-Identifier: Apache-2.0
import ServiceKit
import Testing

@Suite struct AwaitedStateTests {
    @Test func `a wait ends with the change that reaches what is awaited, and not before`() async {
        let state = AwaitedState(0)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await state.wait(within: .seconds(60)) { $0 >= 3 } }
            for _ in 0..<3 { group.addTask { state.change { $0 += 1 } } }
        }
        #expect(state.value == 3)
    }

    @Test func `what holds already is not waited for, and an exchange answers the old value`() async {
        let state = AwaitedState("set")
        await state.wait(within: .seconds(60)) { $0 == "set" }
        #expect(state.exchange { _ in "taken" } == "set")
        #expect(state.value == "taken")
    }

    @Test func `a wait ends when its time is over or its task is cancelled`() async {
        let state = AwaitedState(false)
        await state.wait(within: .milliseconds(1)) { $0 }
        let waiting = Task { await state.wait(within: .seconds(60)) { $0 } }
        waiting.cancel()
        await waiting.value
        #expect(!state.value)
    }
}
