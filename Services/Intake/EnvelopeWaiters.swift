// SPDX-License-Identifier: Apache-2.0
import Contracts
import Envelopes
import Messaging
import ServiceKit
import Synchronization

/// A newer state of an envelope, which this process has put into the read model.
struct EnvelopeMove: Sendable {
    let sequence: Int64
    let snapshot: EnvelopeSnapshot

    var envelopeID: EnvelopeID { snapshot.envelopeID }
}

/// Wakes requests of this process that wait for the read model to move; another process moves it too, hence the poll.
final class EnvelopeWaiters: Sendable {
    private static let pollSeconds = 0.25

    private let watches = Mutex<[EnvelopeID: [ObjectIdentifier: EnvelopeWatch]]>([:])

    /// Notes the first awaited move of an envelope from now on; end the watch with `end`.
    ///
    /// - Parameter isAwaited: Decides in the task that moved the envelope, so that no other move wakes anybody.
    func watch(
        _ envelope: EnvelopeID, for isAwaited: @escaping @Sendable (EnvelopeMove) -> Bool = { _ in true }
    ) -> EnvelopeWatch {
        let watch = EnvelopeWatch(of: envelope, for: isAwaited)
        watches.withLock { $0[envelope, default: [:]][ObjectIdentifier(watch)] = watch }
        return watch
    }

    /// Nothing more is noted.
    func end(_ watch: EnvelopeWatch) {
        watches.withLock { watches in
            watches[watch.envelope]?[ObjectIdentifier(watch)] = nil
            if watches[watch.envelope]?.isEmpty == true { watches[watch.envelope] = nil }
        }
    }

    /// Asks for an answer after an awaited move, or four times a second, until there is one or the time is over.
    ///
    /// - Parameters:
    ///   - looksFirst: False when nothing can have happened before the watch began.
    ///   - answer: Gets the move, or nil to read the state itself; nil means not yet.
    func wait<Answer: Sendable>(
        with watch: EnvelopeWatch, seconds: Double, looksFirst: Bool = true,
        until answer: (EnvelopeMove?) async throws -> Answer?
    ) async throws -> Answer? {
        let deadline = ContinuousClock.now.advanced(by: .seconds(seconds))
        if looksFirst, let answer = try await answer(nil) { return answer }
        while true {
            try Task.checkCancellation()
            let left = ContinuousClock.now.duration(to: deadline)
            guard left > .zero else { return nil }
            let move = await watch.move(within: min(left, .seconds(Self.pollSeconds)))
            if let answer = try await answer(move) { return answer }
        }
    }

    /// As `wait(with:)`, for any move of an envelope.
    func wait<Answer: Sendable>(
        for envelope: EnvelopeID, seconds: Double, until answer: () async throws -> Answer?
    ) async throws -> Answer? {
        let watch = watch(envelope)
        defer { end(watch) }
        return try await wait(with: watch, seconds: seconds) { _ in try await answer() }
    }

    /// Called after the transaction that moved the envelopes.
    func changed(_ moves: [EnvelopeMove]) {
        let concerned = watches.withLock { watches in
            watches.isEmpty ? [] : moves.flatMap { move in (watches[move.envelopeID] ?? [:]).values.map { ($0, move) } }
        }
        for (watch, move) in concerned { watch.note(move) }
    }
}

/// One request's wait for one envelope.
final class EnvelopeWatch: Sendable {
    let envelope: EnvelopeID
    private let isAwaited: @Sendable (EnvelopeMove) -> Bool
    /// The newest awaited move that was not taken yet.
    private let noted = AwaitedState<EnvelopeMove?>(nil)

    fileprivate init(of envelope: EnvelopeID, for isAwaited: @escaping @Sendable (EnvelopeMove) -> Bool) {
        self.envelope = envelope
        self.isAwaited = isAwaited
    }

    /// The newest awaited move that was not taken before; nil when the time is over or the task is cancelled.
    func move(within time: Duration) async -> EnvelopeMove? {
        await noted.wait(within: time) { $0 != nil }
        return noted.exchange { _ in nil }
    }

    fileprivate func note(_ move: EnvelopeMove) {
        if isAwaited(move) { noted.change { $0 = move } }
    }
}
