// SPDX-License-Identifier: Apache-2.0
package import ByteCoding
package import FoundationEssentials

/// Encrypted objects, each written once under its artifact id.
package protocol ObjectStore: Sendable {
    /// Begins an object; nothing can be seen under the id before `finish`.
    func writer(tenant: UUID, artifact: UUID, area: StorageArea) async throws -> any ObjectWriter

    /// The plaintext as a source that reads and decrypts only what is asked for.
    ///
    /// The source's reads block: use `bytes(in:of:)` where they must not.
    /// - Throws: `StorageError.notFound`, `corrupted` when header or length are not those of the object, or `keys`.
    func open(_ object: StoredObject, in area: StorageArea) async throws -> any ByteSource

    /// Reads a range of an opened source off the cooperative pool.
    func bytes(in range: Range<Int>, of source: any ByteSource) async throws -> [UInt8]

    /// Destroys the object's data key, then the object; repeating it is success.
    /// - Returns: False when neither was there any more.
    @discardableResult
    func delete(_ object: StoredObject, in area: StorageArea) async throws -> Bool
}

/// One object on its way into the store; calls follow one another.
package protocol ObjectWriter: Sendable {
    /// Adds plaintext at the end.
    func append(_ bytes: [UInt8]) async throws

    /// Makes the object durable under its id.
    ///
    /// When the id is taken by the same content, this is success and gives the stored object's own reference.
    /// - Throws: `StorageError.conflict` when it is taken by other content.
    func finish() async throws -> StoredObject

    /// Leaves nothing of the object; does nothing after `finish`.
    func cancel() async
}

extension ObjectStore {
    /// Stores an object that is in memory as a whole.
    package func put(
        _ bytes: [UInt8], tenant: UUID, artifact: UUID, area: StorageArea
    ) async throws -> StoredObject {
        let writer = try await writer(tenant: tenant, artifact: artifact, area: area)
        do {
            try await writer.append(bytes)
            return try await writer.finish()
        } catch {
            await writer.cancel()
            throw error
        }
    }

    /// The whole object, whose size the caller has judged.
    package func read(_ object: StoredObject, in area: StorageArea) async throws -> [UInt8] {
        let source = try await open(object, in: area)
        return try await bytes(in: 0..<source.size, of: source)
    }
}
