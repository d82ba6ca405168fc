// SPDX-License-Identifier: Apache-2.0
package import ByteCoding

/// A file that is written anew around stream data that stays where it was, so that nothing large is held twice.
package struct RewrittenSource: ByteSource {
    private struct Segment: Sendable {
        /// Where it begins in the new file.
        let start: Int
        let count: Int
        /// Where it is in the original, or among the written bytes.
        let offset: Int
        let isOriginal: Bool
    }

    private let original: any ByteSource
    private var written: [UInt8] = []
    private var segments: [Segment] = []
    /// Bytes in the new file.
    package private(set) var size = 0

    init(_ original: any ByteSource) { self.original = original }

    /// Appends bytes of its own.
    mutating func append(_ body: (inout [UInt8]) -> Void) {
        let offset = written.count
        body(&written)
        let count = written.count - offset
        if let last = segments.last, !last.isOriginal {
            segments[segments.count - 1] = Segment(
                start: last.start, count: last.count + count, offset: last.offset, isOriginal: false)
        } else {
            segments.append(Segment(start: size, count: count, offset: offset, isOriginal: false))
        }
        size += count
    }

    /// Appends bytes of the original.
    mutating func append(original range: Range<Int>) {
        guard !range.isEmpty else { return }
        segments.append(Segment(start: size, count: range.count, offset: range.lowerBound, isOriginal: true))
        size += range.count
    }

    /// The bytes of both, in the order of the new file.
    package func bytes(in range: Range<Int>) throws(ByteSourceError) -> [UInt8] {
        guard range.lowerBound >= 0, range.upperBound <= size else { throw .outOfRange(range: range, size: size) }
        var result: [UInt8] = []
        result.reserveCapacity(range.count)
        var index = firstSegment(endingBehind: range.lowerBound)
        while result.count < range.count {
            let segment = segments[index]
            let skipped = range.lowerBound + result.count - segment.start
            let count = min(segment.count - skipped, range.count - result.count)
            let part = (segment.offset + skipped)..<(segment.offset + skipped + count)
            if segment.isOriginal { result += try original.bytes(in: part) } else { result += written[part] }
            index += 1
        }
        return result
    }

    private func firstSegment(endingBehind position: Int) -> Int {
        var low = 0
        var high = segments.count
        while low < high {
            let middle = (low + high) / 2
            if segments[middle].start + segments[middle].count <= position { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
