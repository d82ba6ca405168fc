// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Foundation
import HTTPServer
import ServiceAPI
import Testing
import Tracing

struct ProblemAndPaginationTests {
    private func json(_ response: HTTPResponse) throws -> JSONValue {
        guard case .bytes(let bytes) = response.body else { return .null }
        return try JSONValue(parsing: bytes)
    }

    @Test func `a problem has the members of RFC 9457 and ours`() throws {
        let scope = TraceScope(correlationID: CorrelationID(UUID()), traceContext: .root())
        let problem = ProblemDetails(
            .validationFailed, "See errors.",
            errors: [.init(pointer: "/signers/0/email", code: "invalid_email", detail: "Send an address.")],
            retryAfterSeconds: 3)
        let response = Trace.$current.withValue(scope) { problem.response }
        #expect(response.status == 422)
        #expect(response.header("content-type") == "application/problem+json")
        #expect(response.header("retry-after") == "3")
        let body = try json(response)
        #expect(body["type"] == "urn:paraph:problem:validation_failed")
        #expect(body["code"] == "validation_failed")
        #expect(body["status"] == 422)
        #expect(body["trace_id"]?.stringValue == scope.traceContext.traceID)
        #expect(body["errors"]?.arrayValue?.first?["pointer"] == "/signers/0/email")
    }

    @Test func `codes are unique and belong to errors`() {
        #expect(Set(ProblemCode.common.map(\.code)).count == ProblemCode.common.count)
        #expect(ProblemCode.common.allSatisfy { (400...599).contains($0.status) })
    }

    @Test func `every error becomes a problem without inner details`() async throws {
        struct Secretive: Error { let password = "hunter2" }
        var router = Router(fallback: ProblemFallback.respond)
        router.on(.get, "/fails") { _ in throw Secretive() }
        let failed = await router.respond(to: HTTPRequest(method: .get, path: "/fails"))
        #expect(failed.status == 500)
        #expect(try json(failed)["code"] == "internal_error")
        if case .bytes(let bytes) = failed.body { #expect(!String(decoding: bytes, as: UTF8.self).contains("hunter2")) }
        let missing = await router.respond(to: HTTPRequest(method: .get, path: "/nothing"))
        #expect(missing.status == 404)
        #expect(try json(missing)["code"] == "not_found")
        let wrong = await router.respond(to: HTTPRequest(method: .post, path: "/fails"))
        #expect(wrong.status == 405)
        #expect(wrong.header("allow") == "GET, HEAD")
    }

    @Test(
        arguments: [
            ("{\"a\":1}", "application/json; charset=utf-8", nil), ("{\"a\":1}", nil, nil),
            ("{\"a\":1,}", "application/json", "malformed_json"), ("{}", "text/plain", "unsupported_media_type"),
            ("{\"a\":\"\(String(repeating: "x", count: 200))\"}", "application/json", "body_too_large"),
        ] as [(String, String?, String?)])
    func `API-11: JSON is checked for type, size and form`(body: String, type: String?, code: String?) async throws {
        var router = Router(fallback: ProblemFallback.respond)
        router.on(.post, "/") { .json(try await JSONBody.read($0, maximumBytes: 100)) }
        let response = await router.respond(
            to: HTTPRequest(
                method: .post, path: "/", headers: type.map { [("content-type", $0)] } ?? [],
                body: HTTPRequestBody(bytes: Array(body.utf8))))
        #expect(try json(response)["code"]?.stringValue == code)
    }

    @Test func `a cursor reads its own text and nothing else`() {
        let cursor = PageCursor(instant: Instant(microseconds: -5), id: UUID())
        #expect(PageCursor(text: cursor.text) == cursor)
        for text in ["", "AA", cursor.text + "A", String(cursor.text.dropLast()), "A" + cursor.text.dropFirst(), "§"] {
            #expect(PageCursor(text: text) == nil || text == cursor.text)
        }
    }

    @Test func `a list names the next page only when there is one`() throws {
        let request = HTTPRequest(method: .get, path: "/", query: [("limit", "2")])
        let page = try PageRequest(request)
        let ids = (0..<3).map { _ in UUID() }
        let cursor = { (id: UUID) in PageCursor(instant: Instant(microseconds: 1), id: id) }
        let more = try json(page.response(of: ids, cursor: cursor) { .string($0.text) })
        #expect(more["data"]?.arrayValue?.count == 2)
        #expect(more["next_cursor"]?.stringValue.flatMap { PageCursor(text: $0) }?.id == ids[1])
        let last = try json(page.response(of: Array(ids.prefix(2)), cursor: cursor) { .string($0.text) })
        #expect(last["next_cursor"] == .null)
    }

    @Test(arguments: [("limit", "0"), ("limit", "101"), ("limit", "x"), ("cursor", "x")])
    func `a wrong limit or cursor is refused`(name: String, value: String) {
        #expect(throws: ProblemDetails.self) {
            try PageRequest(HTTPRequest(method: .get, path: "/", query: [(name, value)]))
        }
    }
}
