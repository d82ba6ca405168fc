// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Foundation
import Synchronization

/// Ctrl-C and SIGTERM as cancellation: the guarded work is cancelled, what it started is then stopped in order.
@MainActor final class Interruption {
    private var sources: [any DispatchSourceSignal] = []
    private var work: Task<Int32, any Error>?
    private(set) var happened = false

    init() {
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .main)
            source.setEventHandler { [weak self] in
                MainActor.assumeIsolated {
                    self?.happened = true
                    self?.work?.cancel()
                }
            }
            source.resume()
            sources.append(source)
        }
    }

    func guarding(_ body: @escaping @MainActor () async throws -> Int32) async throws -> Int32 {
        let task = Task { @MainActor in try await body() }
        work = task
        if happened { task.cancel() }
        return try await task.value
    }
}
