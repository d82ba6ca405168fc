// SPDX-License-Identifier: Apache-2.0

/// What the current work belongs to; log lines and outgoing messages take it from here.
package struct TraceScope: Sendable, Hashable {
    package let correlationID: CorrelationID
    package let traceContext: TraceContext

    /// Joins the business id and the technical trace of one piece of work.
    package init(correlationID: CorrelationID, traceContext: TraceContext) {
        self.correlationID = correlationID
        self.traceContext = traceContext
    }
}

/// Holds the task local; bind it with `Trace.$current.withValue(scope) { … }`.
package enum Trace {
    /// Nil outside any request or message.
    @TaskLocal package static var current: TraceScope?
}
