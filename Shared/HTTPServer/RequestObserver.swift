// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Logging
import Metrics
import Tracing

extension LogKey {
    static let httpListener = LogKey("http.listener")
}

/// Counts and logs requests by route template; paths, queries and addresses stay out of both.
struct RequestObserver: Sendable {
    private let listener: String
    private let logger: Logger
    private let requests: Counter
    private let seconds: Histogram

    init(listener: String, logger: Logger, metrics: MetricsRegistry) {
        self.listener = listener
        self.logger = logger
        requests = metrics.counter(
            "paraph_http_requests_total", "HTTP requests answered.", labels: ["route", "method", "status"])
        seconds = metrics.histogram(
            "paraph_http_request_seconds", "Time from the headers of a request to the end of its answer.",
            labels: ["route"])
    }

    /// The caller's trace continued or a new one begun; a missing or invalid correlation id is made.
    static func scope(of request: HTTPRequest) -> TraceScope {
        let context = request.header("traceparent").flatMap { TraceContext(traceparent: $0)?.child() } ?? .root()
        let correlationID = request.header("x-correlation-id").flatMap { CorrelationID($0) }
        return TraceScope(correlationID: correlationID ?? CorrelationID(UUID()), traceContext: context)
    }

    func finished(
        _ answer: Router.Answer, method: HTTPMethod, after duration: Duration, streamFailure: (any Error)?
    ) {
        let status = answer.response.status
        requests.increment(answer.template, method.label, String(status))
        seconds.observe(duration / .seconds(1), answer.template)
        if let failure = streamFailure ?? (status >= 500 ? answer.failure : nil) {
            logger.error(
                "request failed", fields(answer, method, duration).merging([.error: .error(failure)]) { $1 })
        } else {
            logger.debug("request answered", fields(answer, method, duration))
        }
    }

    private func fields(
        _ answer: Router.Answer, _ method: HTTPMethod, _ duration: Duration
    ) -> [LogKey: LogValue] {
        [
            .httpListener: .string(listener), .httpRoute: .string(answer.template),
            .httpMethod: .string(method.label), .httpStatus: .int(answer.response.status),
            .seconds: .double(duration / .seconds(1)),
        ]
    }
}
