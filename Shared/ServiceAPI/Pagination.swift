// SPDX-License-Identifier: Apache-2.0
package import ByteCoding
package import Clocks
package import FoundationEssentials
package import HTTPServer

/// Where a page of a list ends: the sort instant and id of its last row.
///
/// Opaque to clients and not signed: it grants nothing, since each query is bound to the tenant anyway.
package struct PageCursor: Sendable, Hashable {
    package let instant: Instant
    package let id: UUID

    /// Names the last row of a page.
    package init(instant: Instant, id: UUID) {
        self.instant = instant
        self.id = id
    }

    /// Nil for everything that `text` did not make.
    package init?(text: String) {
        guard let bytes = Base64URL.decode(text), bytes.count == 25, bytes[0] == 1, let id = UUID(bytes: bytes[9...])
        else { return nil }
        let bits = bytes[1..<9].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        self.init(instant: Instant(microseconds: Int64(bitPattern: bits)), id: id)
    }

    /// A version byte, the instant and the id, in base64url.
    package var text: String {
        let bits = UInt64(bitPattern: instant.microseconds)
        let instant = (0..<8).reversed().map { UInt8(truncatingIfNeeded: bits >> ($0 * 8)) }
        return Base64URL.encode([1] + instant + id.bytes)
    }
}

/// Which page of a list a request wants.
package struct PageRequest: Sendable {
    package static let maximumLimit = 100

    package let limit: Int
    /// Nil for the first page.
    package let after: PageCursor?

    /// Reads `limit` (1 to 100) and `cursor` from the query.
    /// - Throws: `ProblemDetails` with `invalid_parameter` or `invalid_cursor`.
    package init(_ request: HTTPRequest, defaultLimit: Int = 25) throws(ProblemDetails) {
        var limit = defaultLimit
        if let text = request.queryValue("limit") {
            guard let value = Int(text), (1...Self.maximumLimit).contains(value) else {
                throw ProblemDetails(.invalidParameter, "limit is a number from 1 to \(Self.maximumLimit).")
            }
            limit = value
        }
        var after: PageCursor?
        if let text = request.queryValue("cursor") {
            guard let cursor = PageCursor(text: text) else {
                throw ProblemDetails(.invalidCursor, "Send next_cursor of the page before, unchanged.")
            }
            after = cursor
        }
        self.limit = limit
        self.after = after
    }

    /// The answer to a query that asked for one row more than the limit, to see whether a page follows.
    package func response<Row>(
        of rows: [Row], cursor: (Row) -> PageCursor, json: (Row) -> JSONValue
    ) -> HTTPResponse {
        let page = rows.prefix(limit)
        let next = rows.count > limit ? page.last.map { JSONValue.string(cursor($0).text) } : nil
        return .json(["data": .array(page.map(json)), "next_cursor": next ?? .null])
    }
}
