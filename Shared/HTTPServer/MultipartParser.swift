// SPDX-License-Identifier: Apache-2.0
import Glibc

/// What a multipart body may consist of.
package struct MultipartLimits: Sendable {
    /// Parts in one body.
    package var maximumParts = 16
    /// All header lines of one part together.
    package var maximumHeaderBytes = 8_192

    /// Limits that a form with one file and one document never reaches.
    package init() {}
}

/// Splits multipart/form-data (RFC 7578, RFC 2046, 5.1.1) into parts as the bytes arrive; it holds no more than the
/// latest bytes, a header block and one delimiter.
struct MultipartParser {
    enum Event: Equatable {
        case part(MultipartHeaders)
        case data([UInt8])
        case partEnd
        case end
    }
    private enum State { case preamble, delimiter, headers, data, ended }

    private let delimiter: [UInt8]
    private let limits: MultipartLimits
    private var state = State.preamble
    /// A body may begin with its first boundary, so it is read as if a line end stood before it.
    private var buffer: [UInt8] = [0x0D, 0x0A]
    private var start = 0
    private var parts = 0

    init(boundary: String, limits: MultipartLimits) {
        delimiter = Array("\r\n--\(boundary)".utf8)
        self.limits = limits
    }

    mutating func append(_ chunk: [UInt8]) {
        guard state != .ended else { return }
        buffer.removeFirst(start)
        start = 0
        buffer += chunk
    }

    /// The next event, nil when more bytes are needed.
    mutating func next() throws(HTTPServerError) -> Event? {
        while true {
            switch state {
            case .preamble:
                guard takeData() == nil else { continue }
                guard state == .delimiter else { return nil }
            case .delimiter:
                guard try takeDelimiterEnd() else { return nil }
                if state == .ended { return .end }
            case .headers:
                return try takeHeaders().map { .part($0) }
            case .data:
                if let data = takeData() { return .data(data) }
                return state == .delimiter ? .partEnd : nil
            case .ended:
                return .end
            }
        }
    }

    /// Bytes before the next delimiter; nil when there are none yet, or none are left and the delimiter is passed.
    private mutating func takeData() -> [UInt8]? {
        if let position = find(delimiter) {
            if position > start { return take(upTo: position) }
            start += delimiter.count
            state = .delimiter
            return nil
        }
        // The last bytes may be the beginning of a delimiter.
        let safe = buffer.count - (delimiter.count - 1)
        return safe > start ? take(upTo: safe) : nil
    }

    /// What follows a delimiter: hyphens close the body, a line end (kept for `takeHeaders`) begins a part.
    private mutating func takeDelimiterEnd() throws(HTTPServerError) -> Bool {
        guard buffer.count - start >= 2 else { return false }
        if buffer[start] == UInt8(ascii: "-") {
            guard buffer[start + 1] == UInt8(ascii: "-") else { throw .malformedMultipart(.invalidDelimiter) }
            state = .ended
            buffer = []
            start = 0
            return true
        }
        while start < buffer.count, buffer[start] == 0x20 || buffer[start] == 0x09 { start += 1 }
        guard buffer.count - start >= 2 else { return false }
        guard buffer[start] == 0x0D, buffer[start + 1] == 0x0A else { throw .malformedMultipart(.invalidDelimiter) }
        parts += 1
        guard parts <= limits.maximumParts else { throw .malformedMultipart(.tooManyParts) }
        state = .headers
        return true
    }

    private mutating func takeHeaders() throws(HTTPServerError) -> MultipartHeaders? {
        guard let end = find([0x0D, 0x0A, 0x0D, 0x0A]) else {
            guard buffer.count - start <= limits.maximumHeaderBytes else { throw .malformedMultipart(.headersTooLarge) }
            return nil
        }
        guard end - start <= limits.maximumHeaderBytes else { throw .malformedMultipart(.headersTooLarge) }
        guard let headers = MultipartHeaders(parsing: buffer[start..<end]) else {
            throw .malformedMultipart(.invalidHeader)
        }
        start = end + 4
        state = .data
        return headers
    }

    private mutating func take(upTo end: Int) -> [UInt8] {
        defer { start = end }
        return Array(buffer[start..<end])
    }

    /// Looks for a pattern that begins with a carriage return, which is rare enough in files to be sought first.
    private func find(_ pattern: [UInt8]) -> Int? {
        buffer.withUnsafeBytes { bytes -> Int? in
            let end = bytes.count - pattern.count + 1
            guard let base = bytes.baseAddress else { return nil }
            var position = start
            while position < end, let hit = memchr(base + position, 0x0D, end - position) {
                position = UnsafeRawPointer(hit) - base
                if memcmp(hit, pattern, pattern.count) == 0 { return position }
                position += 1
            }
            return nil
        }
    }
}
