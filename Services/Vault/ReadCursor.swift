// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// Where a streamed answer stands.
final class ReadCursor: Sendable {
    private let state: Mutex<Int>
    private let end: Int

    init(position: Int, end: Int) {
        state = Mutex(position)
        self.end = end
    }

    /// The next range of at most `count` bytes; empty at the end.
    func take(_ count: Int) -> Range<Int> {
        state.withLock { position in
            let next = min(position + count, end)
            defer { position = next }
            return position..<next
        }
    }
}
