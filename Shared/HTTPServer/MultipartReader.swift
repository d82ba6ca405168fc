// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// The parts of a multipart/form-data request in the order sent, read as they arrive.
///
/// One task reads one part after the other; asking for the next part skips what is left of the current one.
package final class MultipartReader: AsyncSequence, Sendable {
    package typealias Element = MultipartPart
    package typealias Failure = HTTPServerError
    private struct State {
        var parser: MultipartParser
        var part = 0
        var isInPart = false
    }
    private let chunks: HTTPRequestBody.Chunks
    private let state: Mutex<State>

    /// Takes over the request's body.
    /// - Throws: `HTTPServerError.malformedMultipart` when the content type is another or has no valid boundary.
    package init(_ request: HTTPRequest, limits: MultipartLimits = MultipartLimits()) throws(HTTPServerError) {
        guard let (kind, parameters) = request.header("content-type").flatMap(FieldText.parameters),
            kind == "multipart/form-data"
        else { throw .malformedMultipart(.notMultipart) }
        guard let boundary = parameters["boundary"], Self.isValidBoundary(boundary) else {
            throw .malformedMultipart(.invalidBoundary)
        }
        state = Mutex(State(parser: MultipartParser(boundary: boundary, limits: limits)))
        chunks = request.body.chunks()
    }

    /// The next part, nil after the last.
    /// - Throws: `HTTPServerError.malformedMultipart`, or what the body throws.
    package func nextPart() async throws(HTTPServerError) -> MultipartPart? {
        while state.withLock({ $0.isInPart }) {
            if try await nextEvent() == .partEnd { leavePart() }
        }
        guard case .part(let headers) = try await nextEvent() else { return nil }
        let index = state.withLock { state in
            state.isInPart = true
            state.part += 1
            return state.part
        }
        return MultipartPart(headers: headers, reader: self, index: index)
    }

    package func makeAsyncIterator() -> Iterator { Iterator(reader: self) }

    /// Hands out one part after the other.
    package struct Iterator: AsyncIteratorProtocol {
        fileprivate let reader: MultipartReader

        package func next() async throws(HTTPServerError) -> MultipartPart? { try await reader.nextPart() }

        /// As `next()`, for loops that run on an actor.
        package func next(isolation actor: isolated (any Actor)?) async throws(HTTPServerError) -> MultipartPart? {
            try await reader.nextPart()
        }
    }

    fileprivate func nextChunk(ofPart index: Int) async throws(HTTPServerError) -> [UInt8]? {
        let (isCurrent, isInPart) = state.withLock { ($0.part == index, $0.isInPart) }
        guard isCurrent else { throw .bodyAlreadyRead }
        guard isInPart else { return nil }
        if case .data(let bytes) = try await nextEvent() { return bytes }
        leavePart()
        return nil
    }

    private func leavePart() { state.withLock { $0.isInPart = false } }

    private func nextEvent() async throws(HTTPServerError) -> MultipartParser.Event {
        while true {
            let event = try state.withLock { state throws(HTTPServerError) in try state.parser.next() }
            if let event { return event }
            guard let chunk = try await chunks.next() else { throw .malformedMultipart(.truncated) }
            state.withLock { $0.parser.append(chunk) }
        }
    }

    /// RFC 2046, 5.1.1: 1 to 70 characters of a small set, the last no space.
    private static func isValidBoundary(_ boundary: String) -> Bool {
        (1...70).contains(boundary.utf8.count) && boundary.utf8.last != 0x20
            && boundary.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "a")...UInt8(ascii: "z"):
                    true
                default: "'()+_,-./:=? ".utf8.contains(byte)
                }
            }
    }
}

/// One part of a form; its bytes are gone once the next part is asked for.
package struct MultipartPart: Sendable {
    package let headers: MultipartHeaders
    fileprivate let reader: MultipartReader
    fileprivate let index: Int

    /// The part's bytes as they arrive.
    package var chunks: Chunks { Chunks(part: self) }

    /// The whole part in memory.
    /// - Throws: `HTTPServerError.bodyTooLarge` as soon as more than `maximumBytes` arrived.
    package func collect(maximumBytes: Int) async throws(HTTPServerError) -> [UInt8] {
        var bytes: [UInt8] = []
        while let chunk = try await reader.nextChunk(ofPart: index) {
            guard bytes.count + chunk.count <= maximumBytes else { throw .bodyTooLarge(maximumBytes: maximumBytes) }
            bytes += chunk
        }
        return bytes
    }

    /// The arriving bytes of one part.
    package struct Chunks: AsyncSequence, AsyncIteratorProtocol, Sendable {
        package typealias Element = [UInt8]
        package typealias Failure = HTTPServerError
        fileprivate let part: MultipartPart

        package func makeAsyncIterator() -> Chunks { self }

        package func next() async throws(HTTPServerError) -> [UInt8]? {
            try await part.reader.nextChunk(ofPart: part.index)
        }

        /// As `next()`, for loops that run on an actor.
        package func next(isolation actor: isolated (any Actor)?) async throws(HTTPServerError) -> [UInt8]? {
            try await part.reader.nextChunk(ofPart: part.index)
        }
    }
}
