// SPDX-License-Identifier: Apache-2.0

/// Random access to bytes that may be larger than memory; reads are synchronous.
package protocol ByteSource: Sendable {
    /// Constant for the life of the source.
    var size: Int { get }

    /// Exactly `range.count` bytes.
    /// - Throws: `ByteSourceError.outOfRange` when the range reaches past `size`, another case when reading fails.
    func bytes(in range: Range<Int>) throws(ByteSourceError) -> [UInt8]
}

/// Why bytes could not be read from a `ByteSource`.
package enum ByteSourceError: Error, Equatable {
    /// The range is not inside `0..<size`.
    case outOfRange(range: Range<Int>, size: Int)
    /// The operating system refused the read; the code is `errno`.
    case unreadable(errno: Int32)
    /// The source ended before its stated size: it was truncated since it was opened.
    case truncated(at: Int)
    /// Stored bytes failed their integrity check, so none of them are handed out.
    case corrupted(String)
}

/// A source over bytes in memory.
package struct ArraySource: ByteSource {
    private let content: [UInt8]

    /// Shares the array's storage; nothing is copied.
    package init(_ bytes: [UInt8]) { content = bytes }

    package var size: Int { content.count }

    package func bytes(in range: Range<Int>) throws(ByteSourceError) -> [UInt8] {
        guard range.lowerBound >= 0, range.upperBound <= content.count else {
            throw .outOfRange(range: range, size: content.count)
        }
        // The whole shares the storage as well.
        return range.count == content.count ? content : Array(content[range])
    }
}

/// A source followed by bytes that were appended in memory.
package struct ConcatenatedSource: ByteSource {
    private let first: any ByteSource
    private let second: [UInt8]

    /// Reads below `first.size` come from `first`, the rest from `second`.
    package init(_ first: any ByteSource, _ second: [UInt8]) {
        self.first = first
        self.second = second
    }

    package var size: Int { first.size + second.count }

    package func bytes(in range: Range<Int>) throws(ByteSourceError) -> [UInt8] {
        guard range.lowerBound >= 0, range.upperBound <= size else { throw .outOfRange(range: range, size: size) }
        let boundary = first.size
        if range.upperBound <= boundary { return try first.bytes(in: range) }
        if range.lowerBound >= boundary {
            return Array(second[(range.lowerBound - boundary)..<(range.upperBound - boundary)])
        }
        var result = try first.bytes(in: range.lowerBound..<boundary)
        result.append(contentsOf: second[..<(range.upperBound - boundary)])
        return result
    }
}

/// The first bytes of a source: a document as it was before later revisions were appended.
package struct PrefixSource: ByteSource {
    private let whole: any ByteSource
    package let size: Int

    /// Ends where `whole` ends when that comes first.
    package init(_ whole: any ByteSource, size: Int) {
        self.whole = whole
        self.size = max(0, min(size, whole.size))
    }

    package func bytes(in range: Range<Int>) throws(ByteSourceError) -> [UInt8] {
        guard range.lowerBound >= 0, range.upperBound <= size else { throw .outOfRange(range: range, size: size) }
        return try whole.bytes(in: range)
    }
}
