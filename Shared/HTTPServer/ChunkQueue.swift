// SPDX-License-Identifier: Apache-2.0

/// Bytes between a producer and a consumer, in the pieces they came in; removal from the front costs no copy.
struct ChunkQueue {
    private var chunks: [[UInt8]] = []
    private var first = 0
    private var offset = 0
    private(set) var count = 0

    mutating func append(_ chunk: [UInt8]) {
        guard !chunk.isEmpty else { return }
        chunks.append(chunk)
        count += chunk.count
    }

    /// The front piece as it was appended; only for queues that nothing copies from in parts.
    mutating func popChunk() -> [UInt8]? {
        guard first < chunks.count else { return nil }
        let chunk = chunks[first]
        count -= chunk.count
        dropFirst()
        return chunk
    }

    /// Moves bytes to the start of a buffer until it is full or the queue is empty.
    mutating func copy(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        var written = 0
        while written < buffer.count, first < chunks.count {
            let piece = min(chunks[first].count - offset, buffer.count - written)
            chunks[first].withUnsafeBytes { bytes in
                let target = UnsafeMutableRawBufferPointer(rebasing: buffer[written..<(written + piece)])
                target.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[offset..<(offset + piece)]))
            }
            written += piece
            offset += piece
            if offset == chunks[first].count { dropFirst() }
        }
        count -= written
        return written
    }

    mutating func removeAll() { self = ChunkQueue() }

    private mutating func dropFirst() {
        chunks[first] = []
        first += 1
        offset = 0
        if first == chunks.count {
            chunks.removeAll(keepingCapacity: true)
            first = 0
        } else if first >= 64 {
            chunks.removeFirst(first)
            first = 0
        }
    }
}
