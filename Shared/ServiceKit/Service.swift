// SPDX-License-Identifier: Apache-2.0

/// A part of a process that lives as long as the process.
package protocol Service: Sendable {
    /// For the log.
    var name: String { get }

    /// Works until the signal is triggered, then finishes what is in hand and returns.
    ///
    /// Returning before the signal, like throwing, stops the whole process.
    func run(until shutdown: ShutdownSignal) async throws
}
