// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Cryptography
import FileSystem
import Synchronization

/// An object's plaintext: reads and decrypts the segments that a range touches and keeps a few of them.
final class DecryptingSource: ByteSource {
    private static let cachedSegments = 4

    let size: Int
    private let file: FileSource
    private let format: ObjectFormat
    private let opener: AESGCMOpener
    private let lastSegment: Int
    /// Most recently used last.
    private let cache = Mutex<[(index: Int, bytes: [UInt8])]>([])

    init(file: FileSource, size: Int, format: ObjectFormat, opener: AESGCMOpener) {
        self.file = file
        self.size = size
        self.format = format
        self.opener = opener
        lastSegment = ObjectFormat.segmentCount(ofPlaintext: size) - 1
    }

    func bytes(in range: Range<Int>) throws(ByteSourceError) -> [UInt8] {
        guard range.lowerBound >= 0, range.upperBound <= size else { throw .outOfRange(range: range, size: size) }
        // The only segment of an empty object still has a tag to check.
        if range.isEmpty { return size == 0 ? try segment(0) : [] }
        let first = range.lowerBound / ObjectFormat.segmentSize
        let last = (range.upperBound - 1) / ObjectFormat.segmentSize
        if first == last {
            let bytes = try segment(first)
            if range.count == bytes.count { return bytes }
            let start = range.lowerBound - first * ObjectFormat.segmentSize
            return Array(bytes[start..<(start + range.count)])
        }
        var result: [UInt8] = []
        result.reserveCapacity(range.count)
        for index in first...last {
            let bytes = try segment(index)
            let start = max(range.lowerBound - index * ObjectFormat.segmentSize, 0)
            let end = min(range.upperBound - index * ObjectFormat.segmentSize, bytes.count)
            result.append(contentsOf: bytes[start..<end])
        }
        return result
    }

    /// Reads a small object as a whole, while its file is being read anyway; damage shows when it is asked for.
    func readAhead() {
        if lastSegment == 0 { _ = try? segment(0) }
    }

    /// True when reads touch no file any more.
    var isInMemory: Bool { lastSegment == 0 && cached(0) != nil }

    private func cached(_ index: Int) -> [UInt8]? {
        cache.withLock { cache in
            guard let position = cache.lastIndex(where: { $0.index == index }) else { return nil }
            if position != cache.count - 1 { cache.append(cache.remove(at: position)) }
            return cache.last?.bytes
        }
    }

    private func segment(_ index: Int) throws(ByteSourceError) -> [UInt8] {
        if let bytes = cached(index) { return bytes }
        let bytes = try decrypt(index)
        cache.withLock { cache in
            guard !cache.contains(where: { $0.index == index }) else { return }
            if cache.count == Self.cachedSegments { cache.removeFirst() }
            cache.append((index, bytes))
        }
        return bytes
    }

    private func decrypt(_ index: Int) throws(ByteSourceError) -> [UInt8] {
        let start = ObjectFormat.headerSize + index * (ObjectFormat.segmentSize + AESGCM.tagByteCount)
        let plaintext = min(ObjectFormat.segmentSize, size - index * ObjectFormat.segmentSize)
        let sealed = try file.bytes(in: start..<(start + plaintext + AESGCM.tagByteCount))
        do throws(CryptographyError) {
            return try opener.open(
                sealed[...], nonce: format.nonce(segment: index, isLast: index == lastSegment),
                aad: format.associatedData)
        } catch {
            throw .corrupted("segment \(index) of the object does not open under its data key")
        }
    }
}
