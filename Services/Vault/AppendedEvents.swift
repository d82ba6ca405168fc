// SPDX-License-Identifier: Apache-2.0
import Foundation
import Messaging
import ServiceKit

/// How far this process knows the streams of audit events to be in the log, so that most causes need no look-up.
final class AppendedEvents: Sendable {
    private static let rememberedStreams = 16_384

    private struct Stream: Hashable {
        let producer: String
        let topic: String
        let key: UUID
    }

    private let last = GenerationCache<Stream, Int64>(capacity: rememberedStreams)

    /// Whether the event is known to be in; false says nothing.
    func contains(_ reference: MessageReference) -> Bool {
        guard let last = last[Self.stream(of: reference)] else { return false }
        return reference.seq <= last
    }

    /// Remembers events whose transaction is committed.
    func insert(_ references: some Sequence<MessageReference>) {
        for reference in references where !contains(reference) { last[Self.stream(of: reference)] = reference.seq }
    }

    private static func stream(of reference: MessageReference) -> Stream {
        Stream(producer: reference.producer, topic: reference.topic, key: reference.key)
    }
}
