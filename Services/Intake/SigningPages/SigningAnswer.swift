// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Envelopes
import Foundation
import HTTPServer
import ServiceAPI
import Synchronization

/// Answers of the signing pages, with the headers that keep tokens and documents where they belong.
enum SigningAnswer {
    private static let pagePolicy =
        "default-src 'none'; style-src 'self'; object-src 'self'; frame-src 'self'; form-action 'self'; "
        + "frame-ancestors 'none'; base-uri 'none'"
    private static let dataPolicy = "default-src 'none'; frame-ancestors 'none'"
    /// The page shows the document inside itself; nobody else may.
    private static let documentPolicy = "frame-ancestors 'self'"

    static func page(_ html: String, status: Int = 200) -> HTTPResponse {
        HTTPResponse(
            status: status,
            headers: [("Content-Type", "text/html; charset=utf-8"), ("Content-Security-Policy", pagePolicy)],
            body: .bytes(Array(html.utf8)))
    }

    static func seeOther(_ address: String) -> HTTPResponse {
        HTTPResponse(status: 303, headers: [("Location", address)])
    }

    static func refusal(_ problem: SigningProblem, asJSON: Bool, sender: Sender?) -> HTTPResponse {
        if asJSON { return problem.details.response }
        var response = page(SigningPage.refusal(problem, sender: sender), status: problem.status)
        if let seconds = problem.retryAfterSeconds { response.headers.append(("Retry-After", String(seconds))) }
        return response
    }

    static let stylesheet = HTTPResponse(
        status: 200,
        headers: [
            ("Content-Type", "text/css; charset=utf-8"), ("Cache-Control", "public, max-age=3600"),
            ("X-Content-Type-Options", "nosniff"),
        ],
        body: .bytes(PackageResources.signing_css))

    /// The whole document, streamed.
    static func document(
        _ source: any ByteSource, title: String, sha256: ContentDigest, isDownload: Bool,
        read: @escaping @Sendable (Range<Int>) async throws -> [UInt8]
    ) -> HTTPResponse {
        let cursor = Cursor(size: source.size)
        let disposition = ContentDisposition.attachment(title: title)
        return HTTPResponse(
            status: 200,
            headers: [
                ("Content-Type", "application/pdf"), ("ETag", "\"\(sha256.hex)\""),
                ("Repr-Digest", "sha-256=:\(Data(sha256.bytes).base64EncodedString()):"),
                (
                    "Content-Disposition",
                    isDownload ? disposition : "inline" + disposition.dropFirst("attachment".count)
                ),
                ("X-Frame-Options", "SAMEORIGIN"), ("Content-Security-Policy", documentPolicy),
            ],
            body: .stream(length: source.size) { maximum in
                let range = cursor.take(maximum)
                return range.isEmpty ? [] : try await read(range)
            })
    }

    /// Nothing of these pages is kept by caches, and their address goes to nobody.
    static func guarded(_ response: HTTPResponse) -> HTTPResponse {
        var response = response
        let always = [
            ("Cache-Control", "no-store"), ("Referrer-Policy", "no-referrer"), ("X-Content-Type-Options", "nosniff"),
            ("X-Frame-Options", "DENY"), ("Content-Security-Policy", dataPolicy),
            ("Cross-Origin-Resource-Policy", "same-origin"), ("Vary", "Accept"),
        ]
        for (name, value) in always where response.header(name) == nil { response.headers.append((name, value)) }
        return response
    }

    private final class Cursor: Sendable {
        private let position = Mutex(0)
        private let size: Int

        init(size: Int) { self.size = size }

        func take(_ count: Int) -> Range<Int> {
            position.withLock { position in
                let start = position
                position = min(start + count, size)
                return start..<position
            }
        }
    }
}

extension HTTPResponse {
    static func json(_ value: JSONValue, status: Int = 200) -> HTTPResponse {
        HTTPResponse(
            status: status, headers: [("Content-Type", "application/json")], body: .bytes(value.canonicalBytes()))
    }
}

extension SigningProblem {
    /// In the words of the API's other problems, for people who look at a page.
    init(_ details: ProblemDetails) {
        self.init(
            status: details.code.status, code: details.code.code, title: details.code.title, detail: details.detail,
            retryAfterSeconds: details.retryAfterSeconds)
    }

    var details: ProblemDetails {
        ProblemDetails(
            ProblemCode(code, title, status), detail,
            errors: pointer.map { [ProblemDetails.Item(pointer: $0, code: code, detail: detail)] } ?? [],
            retryAfterSeconds: retryAfterSeconds)
    }
}
