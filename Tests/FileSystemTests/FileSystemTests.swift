// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import FoundationEssentials
import Glibc
import Testing

@testable import FileSystem

final class FileSystemTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "fs-\(UUID().uuidString)").path

    init() throws { try Folder.create(folder) }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private func path(_ name: String) -> String { "\(folder)/\(name)" }

    @Test func `a file has its name only after commit`() throws {
        let file = try DurableFile(path: path("a"), mode: 0o440)
        try file.append([1, 2])
        #expect(!Folder.contains(path("a")))
        try file.append([3])
        try file.commit()
        #expect(try SmallFile.read(path("a")) == [1, 2, 3])
        #expect(try Folder.names(in: folder) == ["a"])
        var status = stat()
        #expect(stat(path("a"), &status) == 0)
        #expect(status.st_mode & 0o777 == 0o440)
    }

    @Test func `a discarded or forgotten file leaves nothing behind`() throws {
        let file = try DurableFile(path: path("a"))
        try file.append([1])
        file.discard()
        do { try DurableFile(path: path("b")).append([1]) }
        #expect(try Folder.names(in: folder) == [])
        #expect(throws: FileSystemError(.write, errno: EBADF, path: path("a"))) { try file.append([2]) }
    }

    @Test func `a name that is taken is refused when asked for, and the old content stays`() throws {
        try DurableFile.write([1], to: path("a"), existing: .refuse)
        let error = #expect(throws: FileSystemError.self) {
            try DurableFile.write([2], to: self.path("a"), existing: .refuse)
        }
        #expect(error?.isExisting == true)
        #expect(try SmallFile.read(path("a")) == [1])
        try DurableFile.write([3], to: path("a"))
        #expect(try SmallFile.read(path("a")) == [3])
        #expect(try Folder.names(in: folder) == ["a"])
    }

    @Test func `a file has no name at all before commit, whether it is new or replaces another`() throws {
        let new = try DurableFile(path: path("a"), existing: .refuse)
        try new.append([1])
        let replacing = try DurableFile(path: path("a"))
        try replacing.append([2])
        #expect(try Folder.names(in: folder) == [])
        try new.commit()
        #expect(try SmallFile.read(path("a")) == [1])
        try replacing.commit()
        #expect(try Folder.names(in: folder) == ["a"])
        #expect(try SmallFile.read(path("a")) == [2])
    }

    @Test func `where every file needs a name, it is a temporary one, and goes with the file`() throws {
        let file = try DurableFile(path: path("a"), mode: 0o600, existing: .replace, isNameless: false)
        #expect(try Folder.names(in: folder).allSatisfy { $0.hasPrefix(".a.") && $0.hasSuffix(".partial") })
        file.discard()
        #expect(try Folder.names(in: folder) == [])
    }

    @Test func `where every file needs a name, a taken one is refused as well`() throws {
        for content: UInt8 in [1, 2] {
            let file = try DurableFile(path: path("a"), mode: 0o440, existing: .refuse, isNameless: false)
            try file.append([content])
            if content == 1 {
                try file.commit()
            } else {
                let error = #expect(throws: FileSystemError.self) { try file.commit() }
                #expect(error?.isExisting == true)
            }
            #expect(try Folder.names(in: folder) == ["a"])
        }
        #expect(try SmallFile.read(path("a")) == [1])
    }

    @Test func `the mode is exact whatever the process's umask`() throws {
        for mode: UInt32 in [0o660, 0o440, 0o666] {
            let name = path("m\(mode)")
            try DurableFile.write([1], to: name, mode: mode, existing: .refuse)
            var status = stat()
            #expect(stat(name, &status) == 0)
            #expect(status.st_mode & 0o777 == mode)
        }
    }

    @Test func `a path divides into folder and name`() {
        #expect(Folder.parent(of: "/a/b") == "/a" && Folder.name(of: "/a/b") == "b")
        #expect(Folder.parent(of: "/a") == "/" && Folder.name(of: "/a") == "a")
        #expect(Folder.parent(of: "a") == "." && Folder.name(of: "a") == "a")
    }

    @Test func `a missing folder is an error that names the path`() {
        let error = #expect(throws: FileSystemError.self) { try DurableFile(path: self.path("no/a")) }
        #expect(error?.isMissing == true)
        #expect("\(error as Any)".contains("No such file"))
    }

    @Test func `a file source reads any range like the bytes themselves`() throws {
        let bytes = (0..<700_001).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        try DurableFile.write(bytes, to: path("big"))
        let source = try FileSource(path: path("big"))
        #expect(source.size == bytes.count)
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            let lower = Int.random(in: 0...bytes.count, using: &generator)
            let upper = min(
                bytes.count, lower + [0, 1, 100, 65_535, 65_536, 200_000].randomElement(using: &generator)!)
            if try source.bytes(in: lower..<upper) != Array(bytes[lower..<upper]) {
                Issue.record("\(lower)..<\(upper)")
            }
        }
        #expect(throws: ByteSourceError.outOfRange(range: 0..<700_002, size: 700_001)) {
            try source.bytes(in: 0..<700_002)
        }
    }

    @Test func `a file that shrinks under a source is reported`() throws {
        try DurableFile.write(Array(repeating: 1, count: 1000), to: path("a"))
        let source = try FileSource(path: path("a"))
        #expect(truncate(path("a"), 10) == 0)
        #expect(throws: ByteSourceError.truncated(at: 10)) { try source.bytes(in: 0..<1000) }
    }

    @Test func `a source wants a regular file`() {
        #expect(throws: FileSystemError.self) { try FileSource(path: self.folder) }
        #expect(throws: FileSystemError.self) { try FileSource(path: self.path("missing")) }
    }

    @Test func `a secret that others may open is refused`() throws {
        try SecretFile.write([7], to: path("s"))
        #expect(try SecretFile.read(path("s")) == [7])
        chmod(path("s"), 0o604)
        let error = #expect(throws: FileSystemError.self) { try SecretFile.read(self.path("s")) }
        #expect(error?.operation == .checkMode)
    }

    @Test func `a file above the limit is refused and procfs is read`() throws {
        try DurableFile.write([1, 2, 3], to: path("a"))
        #expect(throws: FileSystemError(.read, errno: EFBIG, path: path("a"))) {
            try SmallFile.read(self.path("a"), maximumBytes: 2)
        }
        #expect(try !SmallFile.read("/proc/self/stat").isEmpty)
    }

    @Test func `folders are created with their parents and removal is reported`() throws {
        try Folder.create(path("x/y/z"))
        try Folder.create(path("x/y/z"))
        try DurableFile.write([1], to: path("x/y/z/f"))
        #expect(try Folder.removeFile(path("x/y/z/f")))
        #expect(try !Folder.removeFile(path("x/y/z/f")))
        #expect(throws: FileSystemError.self) { try Folder.names(in: self.path("none")) }
        let volume = try Volume(at: folder)
        #expect(volume.totalBytes >= volume.freeBytes && volume.freeFraction <= 1)
    }
}
