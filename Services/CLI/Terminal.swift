// SPDX-License-Identifier: Apache-2.0
import FileSystem
import Foundation

/// What a person sees while a command works.
enum Terminal {
    /// One line to standard output, written at once even into a pipe.
    static func say(_ text: String, terminator: String = "\n") {
        StandardStream.output.write(Array((text + terminator).utf8))
    }

    static func complain(_ text: String) {
        note(text + "\n")
    }

    /// Text to standard error as it is, such as a line that is drawn over.
    static func note(_ text: String) {
        StandardStream.error.write(Array(text.utf8))
    }

    /// Says the step with the time it took, right-aligned, once it is done.
    static func step<R>(_ title: String, _ body: () async throws -> R) async throws -> R {
        let clock = ContinuousClock()
        let started = clock.now
        let result = try await body()
        report(title, took: clock.now - started)
        return result
    }

    static func report(_ title: String, took: Duration) {
        let seconds = Double(took.components.seconds) + Double(took.components.attoseconds) / 1e18
        Terminal.say(
            title.padding(toLength: max(58, title.count), withPad: " ", startingAt: 0) + decimal(seconds) + " s")
    }

    /// Two digits after the point, padded to seven characters.
    static func decimal(_ value: Double) -> String {
        let text = String(format: "%.2f", value)
        return String(repeating: " ", count: max(0, 7 - text.count)) + text
    }
}
