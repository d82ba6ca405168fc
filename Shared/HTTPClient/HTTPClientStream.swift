// SPDX-License-Identifier: Apache-2.0

/// A response whose body is read as it arrives; dropping it early closes the connection.
package final class HTTPClientStream: AsyncSequence, Sendable {
    package typealias Element = [UInt8]
    package typealias Failure = HTTPClientError
    package let status: Int
    /// Names in lower case, in the order received.
    package let headers: [(String, String)]
    private let transfer: CurlTransfer
    private let session: HTTPSession

    init(head: CurlTransfer.Head, transfer: CurlTransfer, session: HTTPSession) {
        status = head.status
        headers = head.headers
        self.transfer = transfer
        self.session = session
    }

    deinit { session.loop.cancel(transfer) }

    /// The first value of a header, whose name is given in lower case.
    package func header(_ lowercased: String) -> String? {
        headers.first { $0.0 == lowercased }?.1
    }

    /// The next bytes, nil at the end; the sender is held back while 256 KB are unread.
    /// - Throws: `HTTPClientError` when the response breaks off or exceeds its limits.
    package func nextChunk() async throws(HTTPClientError) -> [UInt8]? {
        try await transfer.nextChunk { session.loop.resume(transfer) }
    }

    package func makeAsyncIterator() -> Iterator { Iterator(stream: self) }

    /// Reads on where the last reader stopped.
    package struct Iterator: AsyncIteratorProtocol {
        fileprivate let stream: HTTPClientStream

        package func next() async throws(HTTPClientError) -> [UInt8]? { try await stream.nextChunk() }

        /// As `next()`, for loops that run on an actor.
        package func next(isolation actor: isolated (any Actor)?) async throws(HTTPClientError) -> [UInt8]? {
            try await stream.nextChunk()
        }
    }
}
