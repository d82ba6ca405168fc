// SPDX-License-Identifier: Apache-2.0

/// The name of a field in a log line: dotted, lower case, the same in every service.
///
/// Modules add their own in an extension: `extension LogKey { package static let kafkaTopic = LogKey("kafka.topic") }`.
package struct LogKey: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let name: String

    /// Takes a literal, so that a name never comes from data.
    package init(_ name: StaticString) { self.name = name.description }

    package static func < (left: LogKey, right: LogKey) -> Bool { left.name < right.name }

    package var description: String { name }
}

extension LogKey {
    package static let tenantID = LogKey("tenant.id")
    package static let envelopeID = LogKey("envelope.id")
    package static let documentID = LogKey("document.id")
    package static let requestID = LogKey("request.id")
    package static let artifactID = LogKey("artifact.id")
    package static let messageID = LogKey("message.id")
    package static let messageType = LogKey("message.type")
    package static let topic = LogKey("topic")
    package static let lane = LogKey("lane")
    package static let consumer = LogKey("consumer")
    package static let attempt = LogKey("attempt")
    package static let count = LogKey("count")
    package static let seconds = LogKey("seconds")
    package static let state = LogKey("state")
    package static let error = LogKey("error")
    package static let errorCode = LogKey("error.code")
    package static let serviceName = LogKey("service.name")
    package static let serviceVersion = LogKey("service.version")
    package static let httpRoute = LogKey("http.route")
    package static let httpMethod = LogKey("http.method")
    package static let httpStatus = LogKey("http.status")
    package static let port = LogKey("port")
    package static let path = LogKey("path")
    package static let signal = LogKey("signal")
}
