// SPDX-License-Identifier: Apache-2.0
import Clocks
import Cryptography
import Foundation
import Keys
import Storage
import TestSupport
import Testing

@Suite struct InterruptedWriteTests {
    @Test func `a process killed in the middle of an object leaves no object, and its id can be used again`()
        async throws
    {
        let fixture = try StorageFixture()
        let artifact = fixture.ids.next()
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [root = fixture.root as String, tenant = fixture.tenant as UUID, artifact = artifact as UUID] in
            let keys = try KeyStore(folder: root + "/keys/vault").dataKeys(ids: .uuidv7(clock: .system))
            let store = try FilesystemObjectStore(root: root + "/objects", keys: keys)
            let writer = try await store.writer(tenant: tenant, artifact: artifact, area: .evidence)
            try await writer.append([UInt8](repeating: 7, count: 300_000))
            kill(getpid(), SIGKILL)
            try await writer.append([1])
        }
        #expect(!FileManager.default.fileExists(atPath: fixture.path(artifact, .evidence)))
        #expect(try fixture.objectFiles() == [])
        let bytes = SecureRandom.bytes(300_000)
        let object = try await fixture.store.put(bytes, tenant: fixture.tenant, artifact: artifact, area: .evidence)
        #expect(try await fixture.store.read(object, in: .evidence) == bytes)
    }

    @Test(.enabled(if: geteuid() == 0, "needs root, to mount a small file system"))
    func `a full disk is a typed error that leaves nothing behind, and room makes it work again`() async throws {
        let fixture = try StorageFixture()
        let volume = fixture.root + "/volume"
        try FileManager.default.createDirectory(atPath: volume, withIntermediateDirectories: true)
        let small = try SmallVolume(over: volume, size: "1m")
        defer { small.unmount() }
        let store = try FilesystemObjectStore(root: volume + "/objects", keys: fixture.keys)
        let keyCount = try fixture.files().count
        await #expect(throws: StorageError.full) {
            try await store.put(
                SecureRandom.bytes(3_000_000), tenant: fixture.tenant, artifact: fixture.ids.next(), area: .working)
        }
        #expect(try fixture.files().count == keyCount)
        let names = try FileManager.default.subpathsOfDirectory(atPath: volume)
        #expect(!names.contains { $0.hasSuffix(".partial") })
        let bytes = SecureRandom.bytes(500_000)
        let object = try await store.put(
            bytes, tenant: fixture.tenant, artifact: fixture.ids.next(), area: .working)
        #expect(try await store.read(object, in: .working) == bytes)
    }
}
