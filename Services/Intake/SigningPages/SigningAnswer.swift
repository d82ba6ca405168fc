// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Envelopes
import HTTPServer
import ServiceAPI
import Synchronization

/// Answers of the signing pages, with the headers that keep tokens and documents where they belong.
enum SigningAnswer {
    private static let policy =
        "default-src 'none'; style-src 'self'; object-src 'self'; frame-src 'self'; form-action 'self'; "
        + "frame-ancestors 'none'; base-uri 'none'"

    static func page(_ html: String, status: Int = 200) -> HTTPResponse {
        HTTPResponse(
            status: status,
            headers: [("Content-Type", "text/html; charset=utf-8"), ("Content-Security-Policy", policy)],
            body: .bytes(Array(html.utf8)))
    }

    static func seeOther(_ address: String) -> HTTPResponse {
        HTTPResponse(status: 303, headers: [("Location", address)])
    }

    static let stylesheet = HTTPResponse(
        status: 200,
        headers: [("Content-Type", "text/css; charset=utf-8"), ("Cache-Control", "public, max-age=3600")],
        body: .bytes(PackageResources.signing_css))

    /// The whole document, streamed.
    static func document(
        _ source: any ByteSource, sha256: ContentDigest, isDownload: Bool,
        read: @escaping @Sendable (Range<Int>) async throws -> [UInt8]
    ) -> HTTPResponse {
        let cursor = Cursor(size: source.size)
        return HTTPResponse(
            status: 200,
            headers: [
                ("Content-Type", "application/pdf"), ("ETag", "\"\(sha256.hex)\""),
                ("Content-Disposition", "\(isDownload ? "attachment" : "inline"); filename=\"document.pdf\""),
                ("X-Frame-Options", "SAMEORIGIN"),
            ],
            body: .stream(length: source.size) { maximum in
                let range = cursor.take(maximum)
                return range.isEmpty ? [] : try await read(range)
            })
    }

    /// Nothing of these pages is kept by caches, and their address goes to nobody.
    static func guarded(_ response: HTTPResponse) -> HTTPResponse {
        var response = response
        if response.header("cache-control") == nil { response.headers.append(("Cache-Control", "no-store")) }
        response.headers += [
            ("Referrer-Policy", "no-referrer"), ("X-Content-Type-Options", "nosniff"), ("Vary", "Accept"),
        ]
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
    var details: ProblemDetails {
        ProblemDetails(
            ProblemCode(code, title, status), detail,
            errors: pointer.map { [ProblemDetails.Item(pointer: $0, code: code, detail: detail)] } ?? [])
    }
}
