// SPDX-License-Identifier: Apache-2.0
package import ByteCoding
import Glibc
import Synchronization

/// Random access to a file through a small block cache, so that a document of any size costs constant memory.
///
/// The size is taken when the file is opened. Reads block the calling thread: call it on a `BlockingExecutor`
/// when the file may not be in the page cache.
package final class FileSource: ByteSource {
    private struct Block {
        let index: Int
        let bytes: [UInt8]
    }

    private static let blockSize = 64 * 1024
    private static let cachedBlocks = 8

    package let size: Int
    /// The permission bits, for a file that is made from this one.
    package let mode: UInt32
    private let descriptor: Descriptor
    /// Most recently used last.
    private let cache = Mutex<[Block]>([])

    /// Opens an existing regular file for reading.
    /// - Throws: `FileSystemError` when it is missing, not readable or not a regular file.
    package init(path: String) throws(FileSystemError) {
        let descriptor = try Descriptor(opening: path, O_RDONLY)
        let status = try descriptor.status()
        guard status.st_mode & S_IFMT == S_IFREG else { throw FileSystemError(.open, errno: EINVAL, path: path) }
        self.descriptor = descriptor
        size = Int(status.st_size)
        mode = UInt32(status.st_mode) & 0o777
    }

    package func bytes(in range: Range<Int>) throws(ByteSourceError) -> [UInt8] {
        guard range.lowerBound >= 0, range.upperBound <= size else { throw .outOfRange(range: range, size: size) }
        if range.isEmpty { return [] }
        // A long read would only push everything else out of the cache.
        if range.count >= Self.blockSize { return try read(range) }
        let first = range.lowerBound / Self.blockSize
        let last = (range.upperBound - 1) / Self.blockSize
        let start = range.lowerBound - first * Self.blockSize
        if first == last {
            let block = try block(first)
            return Array(block[start..<(start + range.count)])
        }
        var result = Array(try block(first)[start...])
        result.append(contentsOf: try block(last).prefix(range.count - result.count))
        return result
    }

    private func block(_ index: Int) throws(ByteSourceError) -> [UInt8] {
        let cached = cache.withLock { cache -> [UInt8]? in
            guard let position = cache.lastIndex(where: { $0.index == index }) else { return nil }
            if position != cache.count - 1 { cache.append(cache.remove(at: position)) }
            return cache.last?.bytes
        }
        if let cached { return cached }
        let start = index * Self.blockSize
        let bytes = try read(start..<min(start + Self.blockSize, size))
        cache.withLock { cache in
            guard !cache.contains(where: { $0.index == index }) else { return }
            if cache.count == Self.cachedBlocks { cache.removeFirst() }
            cache.append(Block(index: index, bytes: bytes))
        }
        return bytes
    }

    private func read(_ range: Range<Int>) throws(ByteSourceError) -> [UInt8] {
        let bytes: [UInt8]
        do {
            bytes = try descriptor.read(at: range.lowerBound, count: range.count)
        } catch {
            throw .unreadable(errno: error.errno)
        }
        guard bytes.count == range.count else { throw .truncated(at: range.lowerBound + bytes.count) }
        return bytes
    }
}
