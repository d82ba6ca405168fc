// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Testing
import Tracing

struct TracingTests {
    @Test(arguments: ["a", "hr-4711", "A.b_c-9", String(repeating: "x", count: 64)])
    func `a correlation id of the allowed alphabet is kept`(text: String) {
        #expect(CorrelationID(text)?.text == text)
    }

    @Test(arguments: ["", "a b", "a\n", "ä", "a/b", "a\"", String(repeating: "x", count: 65)])
    func `anything that could break a log line is refused`(text: String) {
        #expect(CorrelationID(text) == nil)
    }

    @Test func `a causation id may be a message id`() {
        #expect(CausationID("intake/envelope.commands.v1/0190163d-8694-739b-aea5-966c26f8ad91/12") != nil)
        #expect(CausationID("a b") == nil)
    }

    @Test func `a traceparent goes both ways`() throws {
        let text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        let context = try #require(TraceContext(traceparent: text))
        #expect(context.traceparent == text)
        #expect(context.isSampled)
        let child = context.child()
        #expect(child.traceID == context.traceID)
        #expect(child.spanID != context.spanID)
        #expect(TraceContext(traceparent: child.traceparent) == child)
        #expect(TraceContext(traceparent: "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what") != nil)
    }

    @Test(arguments: [
        "", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0x",
        "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    ])
    func `a malformed traceparent is refused`(text: String) {
        #expect(TraceContext(traceparent: text) == nil)
    }

    @Test func `the scope reaches child tasks`() async throws {
        let scope = TraceScope(correlationID: CorrelationID(UUID()), traceContext: .root())
        #expect(Trace.current == nil)
        await Trace.$current.withValue(scope) {
            async let seen = Trace.current
            #expect(await seen == scope)
        }
    }
}
