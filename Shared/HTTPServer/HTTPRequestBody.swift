// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// Where a body's bytes come from: a connection, or an array in tests.
protocol BodySource: Sendable {
    /// The next bytes, never empty; nil at the end.
    func nextChunk() async throws(HTTPServerError) -> [UInt8]?
}

/// A request body that is read once, as it arrives; the connection is suspended while 256 KB are unread.
package final class HTTPRequestBody: Sendable {
    /// What the client announced; nil for a chunked body.
    package let contentLength: Int?
    private let source: any BodySource
    private let isTaken = Mutex(false)

    init(source: any BodySource, contentLength: Int?) {
        self.source = source
        self.contentLength = contentLength
    }

    /// A body that is already in memory, for in-process tests of routes.
    package convenience init(bytes: [UInt8], chunkSize: Int = 65_536) {
        self.init(source: ArrayBody(bytes: bytes, chunkSize: chunkSize), contentLength: bytes.count)
    }

    /// The bytes as they arrive, in pieces of the transport's choosing; a second sequence of one body only throws.
    package func chunks() -> Chunks {
        let isFirst = isTaken.withLock { taken in
            defer { taken = true }
            return !taken
        }
        return Chunks(source: isFirst ? source : nil)
    }

    /// The whole body in memory.
    /// - Throws: `HTTPServerError.bodyTooLarge` before reading when the announced length is too large, else as soon as
    ///   more than `maximumBytes` arrived.
    package func collect(maximumBytes: Int) async throws(HTTPServerError) -> [UInt8] {
        guard contentLength ?? 0 <= maximumBytes else { throw .bodyTooLarge(maximumBytes: maximumBytes) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(contentLength ?? 0)
        let iterator = chunks()
        while let chunk = try await iterator.next() {
            guard bytes.count + chunk.count <= maximumBytes else { throw .bodyTooLarge(maximumBytes: maximumBytes) }
            bytes += chunk
        }
        return bytes
    }

    /// The arriving bytes of one body.
    package struct Chunks: AsyncSequence, AsyncIteratorProtocol, Sendable {
        package typealias Element = [UInt8]
        package typealias Failure = HTTPServerError
        fileprivate let source: (any BodySource)?

        /// The sequence is its own iterator, because a body is read once.
        package func makeAsyncIterator() -> Chunks { self }

        /// - Throws: `HTTPServerError.bodyIncomplete` when the client went away, `.bodyTooLarge` past the listener's limit.
        package func next() async throws(HTTPServerError) -> [UInt8]? {
            guard let source else { throw .bodyAlreadyRead }
            return try await source.nextChunk()
        }

        /// As `next()`, for loops that run on an actor.
        package func next(isolation actor: isolated (any Actor)?) async throws(HTTPServerError) -> [UInt8]? {
            guard let source else { throw .bodyAlreadyRead }
            return try await source.nextChunk()
        }
    }
}

/// Serves an array in pieces.
private final class ArrayBody: BodySource {
    private let bytes: [UInt8]
    private let chunkSize: Int
    private let offset = Mutex(0)

    init(bytes: [UInt8], chunkSize: Int) {
        self.bytes = bytes
        self.chunkSize = max(chunkSize, 1)
    }

    func nextChunk() async throws(HTTPServerError) -> [UInt8]? {
        offset.withLock { offset in
            guard offset < bytes.count else { return nil }
            let end = Swift.min(offset + chunkSize, bytes.count)
            defer { offset = end }
            return Array(bytes[offset..<end])
        }
    }
}
