// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Cryptography
import FileSystem
import FoundationEssentials
import Keys

/// Where one object stands in the file system, and the key store that its data key is in.
struct ObjectLocation: Sendable {
    let area: AreaFolder
    let keys: DataKeyStore
    let tenant: UUID
    let artifact: UUID

    /// Sixteen folders a tenant, by the last digit: the first ones of a UUIDv7 are its time.
    ///
    /// Few, because making one costs more than an object; ext4 and XFS find a name among millions as fast as among ten.
    var path: String {
        let name = artifact.text
        return "\(area.path)/\(tenant.text)/\(name.suffix(1))/\(name)"
    }

    /// A file that gets the object's name when it is complete.
    func newFile() throws(StorageError) -> DurableFile {
        let path = path
        do throws(FileSystemError) {
            return try DurableFile(path: path, mode: area.fileMode, existing: .refuse)
        } catch {
            guard error.isMissing else { throw StorageError(error) }
            return try filing { () throws(FileSystemError) in
                try ExactFolder.make(Folder.parent(of: path), mode: area.folderMode)
                return try DurableFile(path: path, mode: area.fileMode, existing: .refuse)
            }
        }
    }

    /// Opens the plaintext, of whatever key the header names.
    func open() throws(StorageError) -> (source: DecryptingSource, dataKeyID: UUID) {
        let file: FileSource
        do throws(FileSystemError) {
            file = try FileSource(path: path)
        } catch {
            throw error.isMissing ? .notFound(artifact: artifact) : StorageError(error)
        }
        guard let size = ObjectFormat.plaintextSize(ofFile: file.size) else {
            throw .corrupted(artifact: artifact, reason: "the file was cut or extended")
        }
        let header: [UInt8]
        do throws(ByteSourceError) {
            header = try file.bytes(in: 0..<ObjectFormat.headerSize)
        } catch {
            throw .corrupted(artifact: artifact, reason: "the header cannot be read")
        }
        guard let format = ObjectFormat(header: header, tenant: tenant, artifact: artifact) else {
            throw .corrupted(artifact: artifact, reason: "the header is not of an object of version 1")
        }
        let key = try keying { () throws(KeysError) in try keys.open(tenant: tenant, id: format.dataKeyID) }
        return (
            DecryptingSource(file: file, size: size, format: format, opener: try opener(key)), format.dataKeyID
        )
    }

    /// Hash and size of what is stored, decrypting all of it.
    func stored() throws(StorageError) -> StoredObject {
        let (source, dataKeyID) = try open()
        var hasher = DigestHasher(.sha256)
        var position = 0
        do throws(ByteSourceError) {
            repeat {
                let end = min(position + ObjectFormat.segmentSize, source.size)
                hasher.update(try source.bytes(in: position..<end))
                position = end
            } while position < source.size
        } catch {
            throw .corrupted(artifact: artifact, reason: "a segment does not open under its data key")
        }
        return StoredObject(
            tenant: tenant, artifact: artifact, sha256: hasher.finalize(), size: source.size, dataKeyID: dataKeyID)
    }

    private func opener(_ key: DataKey) throws(StorageError) -> AESGCMOpener {
        do throws(CryptographyError) {
            return try AESGCMOpener(key: key.bytes)
        } catch {
            throw .keys(.cryptography(error))
        }
    }
}

/// The folder of one area and the rights of what lies in it.
struct AreaFolder: Sendable {
    let area: StorageArea
    let path: String
    /// True when several users share the working area through a group.
    let isShared: Bool

    var folderMode: Int { area == .working && isShared ? 0o2770 : 0o700 }

    /// Evidence is read-only from its first moment; the folder's owner can still dispose of it.
    var fileMode: UInt32 {
        switch area {
        case .working: isShared ? 0o640 : 0o600
        case .evidence: 0o440
        }
    }
}
