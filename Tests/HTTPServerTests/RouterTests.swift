// SPDX-License-Identifier: Apache-2.0
import HTTPServer
import Testing

struct RouterTests {
    private struct Odd: Error {}

    private func router() -> Router {
        var router = Router()
        router.on(.get, "/") { _ in .text("root") }
        router.on(.get, "/v1/documents/{id}") { .text("\($0.routeTemplate) \($0.pathParameters["id"] ?? "-")") }
        router.on(.post, "/v1/documents") { _ in .text("create", status: 201) }
        router.on(.get, "/v1/documents/latest") { _ in .text("latest") }
        router.on(.get, "/v1/{kind}/latest/audit") { .text("audit of \($0.pathParameters["kind"] ?? "-")") }
        router.on(.get, "/v1/envelopes/{id}/recipients/{request_id}") {
            .text("\($0.pathParameters["id"] ?? "-") \($0.pathParameters["request_id"] ?? "-")")
        }
        router.on(.get, "/broken") { _ in throw Odd() }
        return router
    }

    private func answer(_ method: HTTPMethod, _ path: String) async -> (Int, String, HTTPResponse) {
        let response = await router().respond(to: HTTPRequest(method: method, path: path))
        guard case .bytes(let bytes) = response.body else { return (response.status, "", response) }
        return (response.status, String(decoding: bytes, as: UTF8.self), response)
    }

    @Test(arguments: [
        ("/", "root"), ("/v1/documents/7", "/v1/documents/{id} 7"), ("/v1/documents/latest", "latest"),
        ("/v1/documents/latest/audit", "audit of documents"),
        ("/v1/envelopes/a/recipients/b", "a b"),
        ("/v1/documents/a%20%C3%A9%2F", "/v1/documents/{id} a é/"),
        ("/v1/documents/%2e%2E", "/v1/documents/{id} .."),
    ])
    func `a path finds its route, literals before parameters`(path: String, text: String) async {
        let (status, body, _) = await answer(.get, path)
        #expect(status == 200)
        #expect(body == text)
    }

    @Test(arguments: ["/v2", "/v1/documents/7/", "/v1/documents/", "/v1//documents", "//", "/V1/documents/7"])
    func `an unknown path is not found`(path: String) async {
        #expect(await answer(.get, path).0 == 404)
    }

    @Test(arguments: [
        "/v1/documents/%", "/v1/documents/%4", "/v1/documents/%zz", "/v1/documents/%ff", "/v1/documents/%C3",
        "/v1/documents/%00", "/v1/documents/%C0%AF", "v1", "", "*",
    ])
    func `a path that is not percent-encoded UTF-8 is refused`(path: String) async {
        #expect(await answer(.get, path).0 == 400)
    }

    @Test func `an unknown method gets the allowed ones`() async {
        let (status, _, response) = await answer(.delete, "/v1/documents/7")
        #expect(status == 405)
        #expect(response.header("Allow") == "GET, HEAD")
        #expect(await answer(HTTPMethod(rawValue: "BREW"), "/v1/documents").2.header("allow") == "POST")
    }

    @Test func `HEAD is answered by the handler of GET`() async {
        #expect(await answer(.head, "/v1/documents/7").0 == 200)
        #expect(await answer(.head, "/v1/documents").0 == 405)
    }

    @Test func `the fallback answers what a handler throws`() async {
        #expect(await answer(.get, "/broken").0 == 500)
        var router = Router { error, _ in .text("own", status: error is Odd ? 418 : 404) }
        router.on(.get, "/broken") { _ in throw Odd() }
        #expect(await router.respond(to: HTTPRequest(method: .get, path: "/broken")).status == 418)
        #expect(await router.respond(to: HTTPRequest(method: .get, path: "/x")).status == 404)
    }
}
