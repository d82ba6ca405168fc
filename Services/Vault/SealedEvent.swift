// SPDX-License-Identifier: Apache-2.0
import Audit
import Envelopes
import Foundation

/// One event on its way into the log, its personal data already sealed.
struct SealedEvent: Sendable {
    let event: ChainedEvent
    let personal: [UInt8]?
    let dataKeyID: UUID?
}

extension SealedEvent {
    /// An event of the vault's own, without personal data.
    init(own fact: AuditFact, isOutOfOrder: Bool = false) {
        self.init(
            event: ChainedEvent(
                fact: fact, producer: ChainedEvent.chainOwner, producerSequence: 0, personalSHA256: nil,
                isOutOfOrder: isOutOfOrder), personal: nil, dataKeyID: nil)
    }

    /// The same event, marked as appended before the one that caused it.
    var flagged: SealedEvent {
        SealedEvent(
            event: ChainedEvent(
                fact: event.fact, producer: event.producer, producerSequence: event.producerSequence,
                personalSHA256: event.personalSHA256, isOutOfOrder: true), personal: personal, dataKeyID: dataKeyID)
    }

    /// The vault's own events have no stream, so their place in the chain numbers them.
    func numbered(_ number: Int64) -> SealedEvent {
        guard event.producer == ChainedEvent.chainOwner else { return self }
        return SealedEvent(
            event: ChainedEvent(
                fact: event.fact, producer: event.producer, producerSequence: number, personalSHA256: nil,
                isOutOfOrder: event.isOutOfOrder), personal: nil, dataKeyID: nil)
    }
}
