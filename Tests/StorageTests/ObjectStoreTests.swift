// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Cryptography
import Foundation
import Keys
import Storage
import Testing

@Suite struct ObjectStoreTests {
    private static let segment = 65_536

    @Test(arguments: [0, 1, 100, segment - 1, segment, segment + 1, 2 * segment, 2 * segment + 1, 5 * segment + 77])
    func `an object comes back whole, however it was appended`(size: Int) async throws {
        let fixture = try StorageFixture()
        let bytes = SecureRandom.bytes(size)
        for step in [1_000, Self.segment - 1, Self.segment, Self.segment + 1, 3 * Self.segment, max(size, 1)] {
            let writer = try await fixture.store.writer(
                tenant: fixture.tenant, artifact: fixture.ids.next(), area: .working)
            for start in stride(from: 0, to: size, by: step) {
                try await writer.append(Array(bytes[start..<min(start + step, size)]))
            }
            let object = try await writer.finish()
            #expect(object.size == size)
            #expect(object.sha256 == SHA256.digest(of: bytes))
            #expect(try await fixture.store.read(object, in: .working) == bytes)
        }
    }

    @Test func `any range of an object is the same range of its content`() async throws {
        let fixture = try StorageFixture()
        let bytes = SecureRandom.bytes(7 * Self.segment + 1234)
        let object = try await fixture.put(bytes)
        let source = try await fixture.store.open(object, in: .working)
        #expect(source.size == bytes.count)
        var ranges = [0..<0, 0..<1, 0..<bytes.count, bytes.count..<bytes.count, Self.segment..<(2 * Self.segment)]
        for _ in 0..<200 {
            let start = Int.random(in: 0..<bytes.count)
            ranges.append(start..<Int.random(in: start...min(bytes.count, start + 3 * Self.segment)))
        }
        for range in ranges { #expect(try source.bytes(in: range) == Array(bytes[range])) }
        #expect(throws: ByteSourceError.self) { try source.bytes(in: 0..<(bytes.count + 1)) }
    }

    @Test func `the plaintext is nowhere in the file and equal objects differ`() async throws {
        let fixture = try StorageFixture()
        let text = Array("a sentence that must not be seen on a disk".utf8)
        let first = try await fixture.put(text)
        let second = try await fixture.put(text)
        let firstFile = try Data(contentsOf: URL(fileURLWithPath: fixture.path(first.artifact)))
        let secondFile = try Data(contentsOf: URL(fileURLWithPath: fixture.path(second.artifact)))
        #expect(firstFile.range(of: Data(text)) == nil)
        #expect(firstFile.dropFirst(32) != secondFile.dropFirst(32))
        #expect(first.dataKeyID != second.dataKeyID)
    }

    @Test func `storing the same content again under its id is success and gives the stored reference`() async throws {
        let fixture = try StorageFixture()
        for area in StorageArea.allCases {
            let bytes = SecureRandom.bytes(100_000)
            let first = try await fixture.put(bytes, area: area)
            let count = try fixture.files().count
            let again = try await fixture.store.put(
                bytes, tenant: fixture.tenant, artifact: first.artifact, area: area)
            #expect(again == first)
            #expect(try fixture.files().count == count)
            #expect(try await fixture.store.read(again, in: area) == bytes)
        }
    }

    @Test func `storing other content under a taken id is a conflict and changes nothing`() async throws {
        let fixture = try StorageFixture()
        for area in StorageArea.allCases {
            let first = try await fixture.put([1, 2, 3], area: area)
            let count = try fixture.files().count
            await #expect(throws: StorageError.conflict(artifact: first.artifact)) {
                try await fixture.store.put([1, 2, 4], tenant: fixture.tenant, artifact: first.artifact, area: area)
            }
            #expect(try fixture.files().count == count)
            #expect(try await fixture.store.read(first, in: area) == [1, 2, 3])
        }
    }

    @Test func `of many writers of one id with the same content all succeed and one object stands`() async throws {
        let fixture = try StorageFixture()
        let artifact = fixture.ids.next()
        let bytes = SecureRandom.bytes(70_000)
        let objects = try await withThrowingTaskGroup(of: StoredObject.self) { group in
            for _ in 0..<16 {
                group.addTask {
                    try await fixture.store.put(bytes, tenant: fixture.tenant, artifact: artifact, area: .evidence)
                }
            }
            return try await group.reduce(into: Set<StoredObject>()) { $0.insert($1) }
        }
        #expect(objects.count == 1)
        #expect(try fixture.files().count == 2)
    }

    @Test func `EV-01: evidence is read-only and working objects are for their owner`() async throws {
        let fixture = try StorageFixture()
        let evidence = try await fixture.put([1], area: .evidence)
        let working = try await fixture.put([1])
        func mode(_ path: String) throws -> Int? {
            try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        }
        #expect(try mode(fixture.path(evidence.artifact, .evidence)) == 0o440)
        #expect(try mode(fixture.path(working.artifact)) == 0o600)
        #expect(try mode(fixture.objects + "/evidence") == 0o700)
        #expect(try mode(fixture.objects + "/working") == 0o700)
    }

    @Test func `objects in a shared working folder are readable by its group, and evidence stays the owner's`()
        async throws
    {
        let fixture = try StorageFixture()
        func mode(_ path: String) throws -> Int? {
            try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        }
        let working = fixture.objects + "/working"
        try FileManager.default.createDirectory(atPath: working, withIntermediateDirectories: true)
        try FileManager.default.setAttributes([.posixPermissions: 0o2770], ofItemAtPath: working)
        let store = try FilesystemObjectStore(root: fixture.objects, keys: fixture.keys)
        for area in StorageArea.allCases {
            let object = try await store.put([1], tenant: fixture.tenant, artifact: fixture.ids.next(), area: area)
            let path = fixture.path(object.artifact, area)
            #expect(try mode(path) == (area == .working ? 0o640 : 0o440))
            let folder = (path as NSString).deletingLastPathComponent
            #expect(try mode(folder) == (area == .working ? 0o2770 : 0o700))
        }
    }

    @Test func `deleting destroys the data key and the object, and can be repeated`() async throws {
        let fixture = try StorageFixture()
        for area in StorageArea.allCases {
            let object = try await fixture.put([1, 2, 3], area: area)
            #expect(try await fixture.store.delete(object, in: area))
            #expect(try fixture.files() == [])
            #expect(try await !fixture.store.delete(object, in: area))
            await #expect(throws: StorageError.notFound(artifact: object.artifact)) {
                try await fixture.store.open(object, in: area)
            }
        }
    }

    @Test func `an object whose data key was destroyed cannot be read`() async throws {
        let fixture = try StorageFixture()
        let object = try await fixture.put([1, 2, 3])
        try fixture.keys.destroy(tenant: fixture.tenant, id: object.dataKeyID)
        await #expect(throws: StorageError.keys(.noDataKey(id: object.dataKeyID))) {
            try await fixture.store.open(object, in: .working)
        }
    }

    @Test func `a cancelled or abandoned writer leaves no file and no key`() async throws {
        let fixture = try StorageFixture()
        let cancelled = try await fixture.store.writer(
            tenant: fixture.tenant, artifact: fixture.ids.next(), area: .working)
        try await cancelled.append(SecureRandom.bytes(200_000))
        #expect(try fixture.objectFiles() == [])
        #expect(try fixture.files().count == 1)
        await cancelled.cancel()
        #expect(try fixture.files() == [])
        await #expect(throws: StorageError.writerClosed) { try await cancelled.append([1]) }
        await #expect(throws: StorageError.writerClosed) { try await cancelled.finish() }
        do {
            let abandoned = try await fixture.store.writer(
                tenant: fixture.tenant, artifact: fixture.ids.next(), area: .working)
            try await abandoned.append(SecureRandom.bytes(200_000))
        }
        // The last reference may be that of the thread which wrote.
        for _ in 0..<500 where try fixture.files() != [] { try await Task.sleep(for: .milliseconds(10)) }
        #expect(try fixture.files() == [])
    }

    @Test func `a tenant without a storage key can store nothing`() async throws {
        let fixture = try StorageFixture()
        let tenant = fixture.ids.next()
        await #expect(throws: StorageError.keys(.noTenantKey(tenant: tenant))) {
            try await fixture.store.put([1], tenant: tenant, artifact: fixture.ids.next(), area: .working)
        }
        #expect(try fixture.files() == [])
    }

    @Test func `a tenant's objects lie in sixteen folders at most`() async throws {
        let fixture = try StorageFixture()
        for _ in 0..<40 { _ = try await fixture.put([1]) }
        let folders = try FileManager.default.contentsOfDirectory(
            atPath: "\(fixture.objects)/working/\(fixture.tenant.uuidString.lowercased())")
        #expect(Set(folders).isSubset(of: Set("0123456789abcdef".map(String.init))))
        #expect(try fixture.objectFiles().count == 40)
    }

    @Test func `a small object is read from its file once, and a larger one piece by piece`() async throws {
        let fixture = try StorageFixture()
        let small = try await fixture.put([UInt8](repeating: 7, count: Self.segment))
        let large = try await fixture.put([UInt8](repeating: 7, count: Self.segment + 1))
        let sources = [
            try await fixture.store.open(small, in: .working), try await fixture.store.open(large, in: .working),
        ]
        for object in [small, large] {
            try Data(count: 10).write(to: URL(fileURLWithPath: fixture.path(object.artifact)))
        }
        #expect(try await fixture.store.bytes(in: 5..<8, of: sources[0]) == [7, 7, 7])
        #expect(try await fixture.store.bytes(in: 0..<Self.segment, of: sources[0]).count == Self.segment)
        await #expect(throws: ByteSourceError.self) {
            try await fixture.store.bytes(in: 0..<(Self.segment + 1), of: sources[0])
        }
        await #expect(throws: ByteSourceError.self) { try await fixture.store.bytes(in: 5..<8, of: sources[1]) }
    }
}
