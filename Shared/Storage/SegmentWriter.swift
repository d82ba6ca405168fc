// SPDX-License-Identifier: Apache-2.0
import Cryptography
import FileSystem
import Keys
import Synchronization

/// The blocking half of a writer: hashes, encrypts and writes; up to one segment waits in memory.
///
/// The last segment is sealed otherwise than the others, so a full one waits until it is known whether more comes.
final class SegmentWriter: Sendable {
    private struct Output {
        let key: DataKey
        let format: ObjectFormat
        let sealer: AESGCMSealer
        let file: DurableFile
    }

    private struct State {
        var hasher = DigestHasher(.sha256)
        var pending: [UInt8] = []
        var size = 0
        var segments = 0
        var output: Output?
        var isClosed = false
    }

    private let location: ObjectLocation
    private let state = Mutex(State())

    init(location: ObjectLocation) { self.location = location }

    deinit { cancel() }

    /// Takes the bytes without touching a disk.
    /// - Returns: False when they do not fit beside what waits; then nothing was taken.
    func buffer(_ bytes: [UInt8]) throws(StorageError) -> Bool {
        try state.withLock { state throws(StorageError) in
            guard !state.isClosed else { throw .writerClosed }
            guard state.pending.count + bytes.count <= ObjectFormat.segmentSize else { return false }
            state.hasher.update(bytes)
            state.size += bytes.count
            if state.pending.isEmpty { state.pending = bytes } else { state.pending.append(contentsOf: bytes) }
            return true
        }
    }

    /// Takes any number of bytes and writes what fills segments.
    func append(_ bytes: [UInt8]) throws(StorageError) {
        try state.withLock { state throws(StorageError) in
            guard !state.isClosed else { throw .writerClosed }
            state.hasher.update(bytes)
            state.size += bytes.count
            var rest = bytes[...]
            if !state.pending.isEmpty {
                let taken = rest.prefix(ObjectFormat.segmentSize - state.pending.count)
                state.pending.append(contentsOf: taken)
                rest = rest.dropFirst(taken.count)
                if rest.isEmpty { return }
                try write(state.pending[...], isLast: false, &state)
                state.pending.removeAll(keepingCapacity: true)
            }
            while rest.count > ObjectFormat.segmentSize {
                try write(rest.prefix(ObjectFormat.segmentSize), isLast: false, &state)
                rest = rest.dropFirst(ObjectFormat.segmentSize)
            }
            state.pending.append(contentsOf: rest)
        }
    }

    /// Writes the last segment and gives the object its name.
    func finish() throws(StorageError) -> StoredObject {
        try state.withLock { state throws(StorageError) in
            guard !state.isClosed else { throw .writerClosed }
            do throws(StorageError) {
                try write(state.pending[...], isLast: true, &state)
                guard let output = state.output else { throw .writerClosed }
                let sha256 = state.hasher.finalize()
                let object = StoredObject(
                    tenant: location.tenant, artifact: location.artifact, sha256: sha256, size: state.size,
                    dataKeyID: output.key.id)
                if let existing = try commit(output.file, sha256: sha256, size: state.size) {
                    destroyKey(of: state)
                    state.isClosed = true
                    return existing
                }
                state.isClosed = true
                return object
            } catch {
                close(&state)
                throw error
            }
        }
    }

    /// Removes the unfinished file and the key that nothing will need.
    func cancel() {
        state.withLock { close(&$0) }
    }

    /// Nil when the file got its name; the object that has it when that is of the same content.
    private func commit(_ file: DurableFile, sha256: [UInt8], size: Int) throws(StorageError) -> StoredObject? {
        do throws(FileSystemError) {
            try file.commit()
            return nil
        } catch {
            guard error.isExisting else { throw StorageError(error) }
        }
        let stored: StoredObject
        do throws(StorageError) {
            stored = try location.stored()
        } catch .keys(.noDataKey), .corrupted {
            throw .conflict(artifact: location.artifact)
        }
        guard stored.sha256 == sha256, stored.size == size else { throw .conflict(artifact: location.artifact) }
        return stored
    }

    private func write(_ plaintext: ArraySlice<UInt8>, isLast: Bool, _ state: inout State) throws(StorageError) {
        let isFirst = state.output == nil
        let output: Output
        if let started = state.output { output = started } else { output = try makeOutput() }
        state.output = output
        let sealed: [UInt8]
        do throws(CryptographyError) {
            sealed = try output.sealer.seal(
                plaintext, nonce: output.format.nonce(segment: state.segments, isLast: isLast),
                aad: output.format.associatedData)
        } catch {
            throw .keys(.cryptography(error))
        }
        state.segments += 1
        try filing { () throws(FileSystemError) in
            if isFirst { try output.file.append(output.format.header) }
            try output.file.append(sealed)
        }
    }

    private func makeOutput() throws(StorageError) -> Output {
        let file = try location.newFile()
        let key = try keying { () throws(KeysError) in try location.keys.create(tenant: location.tenant) }
        let sealer: AESGCMSealer
        do throws(CryptographyError) {
            sealer = try AESGCMSealer(key: key.bytes)
        } catch {
            throw .keys(.cryptography(error))
        }
        let format = ObjectFormat(dataKeyID: key.id, tenant: location.tenant, artifact: location.artifact)
        return Output(key: key, format: format, sealer: sealer, file: file)
    }

    private func close(_ state: inout State) {
        guard !state.isClosed else { return }
        state.isClosed = true
        state.pending = []
        state.output?.file.discard()
        destroyKey(of: state)
    }

    /// A key that stays behind is harmless: nothing was encrypted with it that is left.
    private func destroyKey(of state: State) {
        guard let output = state.output else { return }
        _ = try? location.keys.destroy(tenant: location.tenant, id: output.key.id)
    }
}
