// SPDX-License-Identifier: Apache-2.0
package import FileSystem
package import FoundationEssentials
package import Keys

/// Why an object could not be stored or read.
package enum StorageError: Error, Equatable, CustomStringConvertible {
    /// The artifact is there already with other content; what is stored once is never replaced.
    case conflict(artifact: UUID)
    /// The volume is full; nothing of the object is left on it.
    case full
    /// No object has this id.
    case notFound(artifact: UUID)
    /// The stored bytes are not what was written; the reason is constant text.
    case corrupted(artifact: UUID, reason: String)
    /// A writer was used after it was finished or cancelled.
    case writerClosed
    /// The data key cannot be had.
    case keys(KeysError)
    /// The file system refused an operation.
    case file(FileSystemError)

    /// What is wrong and what to do about it.
    package var description: String {
        switch self {
        case .conflict(let artifact):
            "artifact \(artifact) is stored already with other content: store the new content under an id of its own"
        case .full: "the volume of the object store is full: free space or move PARAPH_OBJECT_STORE, then try again"
        case .notFound(let artifact):
            "artifact \(artifact) is not in the object store: check PARAPH_OBJECT_STORE, or it was disposed of"
        case .corrupted(let artifact, let reason):
            "artifact \(artifact) is damaged (\(reason)): restore it from a backup"
        case .writerClosed: "the object was finished or cancelled already: start a new writer"
        case .keys(let error): "\(error)"
        case .file(let error): "\(error)"
        }
    }

    init(_ error: FileSystemError) {
        self = error.isFull ? .full : .file(error)
    }

    init(_ error: KeysError) {
        if case .file(let file) = error, file.isFull { self = .full } else { self = .keys(error) }
    }
}

/// Runs a file operation under this module's error.
func filing<Result>(_ body: () throws(FileSystemError) -> Result) throws(StorageError) -> Result {
    do throws(FileSystemError) {
        return try body()
    } catch {
        throw StorageError(error)
    }
}

/// Runs a key operation under this module's error.
func keying<Result>(_ body: () throws(KeysError) -> Result) throws(StorageError) -> Result {
    do throws(KeysError) {
        return try body()
    } catch {
        throw StorageError(error)
    }
}
