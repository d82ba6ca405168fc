// SPDX-License-Identifier: Apache-2.0
package import Contracts
package import FoundationEssentials

/// One message to be written; its sequence number is taken by `OutboxWriter`.
package struct OutgoingMessage: Sendable, Hashable {
    package let topic: Topic
    package let key: UUID
    package let type: String
    package let tenantID: UUID
    package let payload: [UInt8]

    /// Takes a payload that is already coded.
    package init(topic: Topic, key: UUID, type: String, tenantID: UUID, payload: [UInt8]) {
        self.topic = topic
        self.key = key
        self.type = type
        self.tenantID = tenantID
        self.payload = payload
    }

    /// Codes a published message as JSON for the one topic it belongs to.
    ///
    /// - Throws: `EncodingError` for a number that JSON cannot say.
    package init<T: Encodable & VersionedMessage>(_ message: T, key: UUID, tenantID: UUID) throws {
        self.init(
            topic: T.topic, key: key, type: T.messageType, tenantID: tenantID,
            payload: try MessageCoding.encode(message))
    }
}
