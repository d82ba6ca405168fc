// SPDX-License-Identifier: Apache-2.0
import Keys

/// Hands bytes to a `SegmentWriter`; a small object costs one visit to a blocking thread, at its end.
struct FilesystemObjectWriter: ObjectWriter {
    private let writer: SegmentWriter
    private let path: String
    private let pool: BlockingPool
    private let immutability: ImmutableFlag?

    init(location: ObjectLocation, pool: BlockingPool, immutability: ImmutableFlag?) {
        writer = SegmentWriter(location: location)
        path = location.path
        self.pool = pool
        self.immutability = immutability
    }

    func append(_ bytes: [UInt8]) async throws {
        if try writer.buffer(bytes) { return }
        try await pool.run { [writer] in try writer.append(bytes) }
    }

    func finish() async throws -> StoredObject {
        try await pool.run { [writer, immutability, path] in
            let object = try writer.finish()
            immutability?.set(path)
            return object
        }
    }

    func cancel() async {
        try? await pool.run { [writer] in writer.cancel() }
    }
}
