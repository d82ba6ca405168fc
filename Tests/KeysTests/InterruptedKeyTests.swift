// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import FileSystem
import Foundation
import TestSupport
import Testing

@testable import Keys

@Suite struct InterruptedKeyTests {
    @Test func `every key that a killed process gave out opens, and its successor goes on`() async throws {
        let installation = try KeyInstallation()
        let tenant = try installation.tenant()
        let list = installation.root + "/given-out"
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [root = installation.root as String, tenant = tenant as UUID, list = list as String] in
            let store = try KeyStore(folder: root + "/intake").dataKeys(ids: .uuidv7(clock: .system))
            let file = open(list, O_WRONLY | O_CREAT | O_APPEND, 0o600)
            DispatchQueue.concurrentPerform(iterations: 4) { number in
                for round in 0..<1000 {
                    // One thread dies in the middle of the others' work.
                    if number == 0, round == 50 { kill(getpid(), SIGKILL) }
                    guard let key = try? store.create(tenant: tenant), write(file, key.id.bytes, 16) == 16 else {
                        exit(EXIT_FAILURE)
                    }
                }
            }
        }
        let given = try Data(contentsOf: URL(fileURLWithPath: list))
        let fresh = try installation.store("vault").dataKeys(ids: installation.ids)
        #expect(given.count >= 50 * 16 && given.count.isMultiple(of: 16))
        for start in stride(from: 0, to: given.count, by: 16) {
            let id = try #require(UUID(bytes: given[start..<(start + 16)]))
            #expect(try fresh.open(tenant: tenant, id: id).bytes.count == 32)
        }
        let next = try fresh.create(tenant: tenant)
        #expect(try installation.segmentNames().count == 2)
        let signer = try installation.store("signer").dataKeys(ids: installation.ids)
        #expect(try signer.open(tenant: tenant, id: next.id).bytes == next.bytes)
    }

    @Test(.enabled(if: geteuid() == 0, "needs root, to mount a small file system"))
    func `a full disk is a typed error, and room makes it work again`() throws {
        let installation = try KeyInstallation()
        let tenant = try installation.tenant()
        let volume = installation.root + "/storage/data-keys"
        let small = try SmallVolume(over: volume, size: "32k")
        defer { small.unmount() }
        let keys = try installation.store("intake").dataKeys(ids: installation.ids)
        for _ in 0..<3 {
            let error = #expect(throws: KeysError.self) { try keys.create(tenant: tenant) }
            guard case .file(let file) = error else {
                Issue.record("\(error as Any)")
                return
            }
            #expect(file.isFull)
        }
        #expect(try installation.segmentNames().count == 1)
        try small.resize(to: "1m")
        let key = try keys.create(tenant: tenant)
        let fresh = try installation.store("vault").dataKeys(ids: installation.ids)
        #expect(try fresh.open(tenant: tenant, id: key.id).bytes == key.bytes)
    }
}
