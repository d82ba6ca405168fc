// SPDX-License-Identifier: Apache-2.0

/// Waits until the condition holds, asking again and again; the only way in which tests wait.
///
/// - Throws: `EventuallyError` when it never held, or what the condition throws.
package func eventually(
    timeoutSeconds: Double = 20, fileID: StaticString = #fileID, line: UInt = #line,
    _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now.advanced(by: .seconds(timeoutSeconds))
    var pause = Duration.milliseconds(2)
    while true {
        if try await condition() { return }
        guard ContinuousClock.now < deadline else {
            throw EventuallyError(place: "\(fileID):\(line)", timeoutSeconds: timeoutSeconds)
        }
        try await Task.sleep(for: pause)
        pause = min(pause * 2, .milliseconds(100))
    }
}

/// A condition that did not come true in time.
package struct EventuallyError: Error, CustomStringConvertible {
    let place: String
    let timeoutSeconds: Double

    /// Where the wait stands and how long it was.
    package var description: String { "the condition at \(place) did not hold within \(timeoutSeconds) s" }
}
