// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Glibc

/// A signal that asks a process to end.
package enum UnixSignal: String, Sendable, CaseIterable {
    case terminate = "SIGTERM"
    case interrupt = "SIGINT"

    var number: Int32 {
        switch self {
        case .terminate: SIGTERM
        case .interrupt: SIGINT
        }
    }
}

/// Receives signals as values; their default action is switched off for the rest of the process.
struct UnixSignals {
    /// In the order of arrival.
    let stream: AsyncStream<UnixSignal>
    private let sources: [any DispatchSourceSignal]

    /// Returns when every signal is received; before, a signal has its default action.
    init(_ signals: [UnixSignal]) async {
        let queue = DispatchQueue(label: "paraph.signals")
        let (stream, continuation) = AsyncStream.makeStream(of: UnixSignal.self)
        self.stream = stream
        var sources: [any DispatchSourceSignal] = []
        for kind in signals {
            // Dispatch on Linux installs a handler of its own; ignoring the signal would discard it before that.
            let source = DispatchSource.makeSignalSource(signal: kind.number, queue: queue)
            source.setEventHandler { continuation.yield(kind) }
            await withCheckedContinuation { registered in
                source.setRegistrationHandler { registered.resume() }
                source.resume()
            }
            sources.append(source)
        }
        self.sources = sources
    }

    func cancel() {
        for source in sources { source.cancel() }
    }

    /// From now on a write to a closed connection fails with `EPIPE` instead of ending the process.
    static func ignoreBrokenPipes() {
        _ = signal(SIGPIPE, SIG_IGN)
    }
}
