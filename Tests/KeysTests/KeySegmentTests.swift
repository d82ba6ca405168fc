// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Cryptography
import FileSystem
import Foundation
import Testing

@testable import Keys

@Suite struct KeySegmentTests {
    @Test(arguments: [0, 1, 511, 512, 4095], [0, 0x0199_8000_1234, 0xFFFF_FFFF_FFFF] as [UInt64])
    func `an id says where its key lies`(index: Int, segment: UInt64) throws {
        let slot = KeySlot(segment: segment, index: index)
        let source = IDSource.uuidv7(clock: .system).next()
        let id = slot.id(from: source)
        #expect(id.uuid.6 >> 4 == 8)
        #expect(id.uuid.8 >> 6 == 2)
        #expect(id.bytes[8...] == source.bytes[8...])
        let found = try #require(KeySlot(of: id))
        #expect(found.segment == segment)
        #expect(found.index == index)
        #expect(found.fileName == "data-keys/\(id.text.replacing("-", with: "").prefix(12)).keys")
        #expect(KeySlot(of: source) == nil)
    }

    @Test func `each process adds to a segment of its own, and a full one is followed by another`() throws {
        let installation = try KeyInstallation()
        let tenant = try installation.tenant()
        let intake = try installation.store("intake").dataKeys(ids: installation.ids)
        let vault = try installation.store("vault").dataKeys(ids: installation.ids)
        #expect(try installation.segmentNames().isEmpty)
        let first = try intake.create(tenant: tenant)
        #expect(try installation.segmentNames().count == 1)
        let size =
            try FileManager.default.attributesOfItem(
                atPath: "\(installation.root)/\(installation.place(of: first.id).path)")[.size] as? Int
        #expect(size == 65_536)
        _ = try vault.create(tenant: tenant)
        #expect(try installation.segmentNames().count == 2)
        let many = try intake.create(tenants: [UUID](repeating: tenant, count: KeySlot.countPerSegment + 10))
        #expect(try installation.segmentNames().count == 3)
        #expect(Set(many.map(\.id)).count == many.count)
        for key in [first, many[0], many[4094], many[4095], many[4105]] {
            let fresh = try installation.store("signer").dataKeys(ids: installation.ids)
            #expect(try fresh.open(tenant: tenant, id: key.id).bytes == key.bytes)
        }
    }

    @Test func `two stores that draw the same segment number do not share one`() throws {
        let installation = try KeyInstallation()
        let tenant = try installation.tenant()
        let stores = try (0..<3).map { _ in try installation.store("intake").dataKeys(ids: .sequential(seed: 7)) }
        let made = try stores.map { try $0.create(tenant: tenant) }
        #expect(try installation.segmentNames().count == 3)
        for key in made { #expect(try stores[0].open(tenant: tenant, id: key.id).bytes == key.bytes) }
    }

    @Test func `an id that was never given out is neither found nor destroyed`() throws {
        let installation = try KeyInstallation()
        let tenant = try installation.tenant()
        let keys = try installation.store("intake").dataKeys(ids: installation.ids)
        let key = try keys.create(tenant: tenant)
        let slot = try #require(KeySlot(of: key.id))
        let fresh = try installation.store("vault").dataKeys(ids: installation.ids)
        let invented = [
            installation.ids.next(), UUID(), slot.id(from: installation.ids.next()),
            KeySlot(segment: slot.segment, index: slot.index + 1).id(from: key.id),
            KeySlot(segment: slot.segment, index: KeySlot.countPerSegment - 1).id(from: key.id),
            KeySlot(segment: slot.segment ^ 1, index: slot.index).id(from: key.id),
        ]
        for id in invented {
            #expect(throws: KeysError.noDataKey(id: id)) { try fresh.open(tenant: tenant, id: id) }
            #expect(try !fresh.destroy(tenant: tenant, id: id))
        }
        #expect(try fresh.open(tenant: tenant, id: key.id).bytes == key.bytes)
    }

    @Test func `a changed, torn or random slot gives no key`() throws {
        let installation = try KeyInstallation()
        let tenant = try installation.tenant()
        let keys = try installation.store("intake").dataKeys(ids: installation.ids)
        let key = try keys.create(tenant: tenant)
        let slot = try installation.slotBytes(of: key.id)
        func isRefused(_ bytes: [UInt8]) throws -> Bool {
            try installation.overwriteSlot(of: key.id, with: bytes)
            let fresh = try installation.store("vault").dataKeys(ids: installation.ids)
            do throws(KeysError) {
                _ = try fresh.open(tenant: tenant, id: key.id)
                return false
            } catch {
                return true
            }
        }
        #expect(try !isRefused(slot))
        for position in slot.indices {
            var changed = slot
            changed[position] ^= 1
            #expect(try isRefused(changed), "byte \(position)")
        }
        for count in 0..<(KeySlot.size - 22) {
            #expect(try isRefused(slot[..<count] + [UInt8](repeating: 0, count: KeySlot.size - count)), "\(count)")
            #expect(try isRefused([UInt8](repeating: 0, count: count) + slot[count...]) || count == 0, "\(count)")
        }
        for _ in 0..<100 { #expect(try isRefused(SecureRandom.bytes(KeySlot.size))) }
        #expect(try keys.create(tenant: tenant).id != key.id)
        #expect(try !isRefused(slot))
    }

    @Test func `a cut segment file gives no key that lay behind the cut, and a longer one all of them`() throws {
        let installation = try KeyInstallation()
        let tenant = try installation.tenant()
        let keys = try installation.store("intake").dataKeys(ids: installation.ids)
        let made = try keys.create(tenants: [tenant, tenant, tenant])
        let path = "\(installation.root)/\(try installation.place(of: made[0].id).path)"
        let content = try Data(contentsOf: URL(fileURLWithPath: path))
        func write(_ content: Data) throws {
            try content.write(to: URL(fileURLWithPath: path))
            try installation.setMode(0o600, try installation.place(of: made[0].id).path)
        }
        for count in [0, 1, 16, 100, 127, 128, 200, 255, 256, 300, 383] {
            try write(content.prefix(count))
            let fresh = try installation.store("vault").dataKeys(ids: installation.ids)
            for (index, key) in made.enumerated() {
                if (index + 1) * KeySlot.size <= count {
                    #expect(try fresh.open(tenant: tenant, id: key.id).bytes == key.bytes)
                } else {
                    #expect(throws: KeysError.self) { try fresh.open(tenant: tenant, id: key.id) }
                }
            }
        }
        try write(content + Data(SecureRandom.bytes(700_000)))
        let fresh = try installation.store("vault").dataKeys(ids: installation.ids)
        for key in made { #expect(try fresh.open(tenant: tenant, id: key.id).bytes == key.bytes) }
    }

    @Test func `a segment file that others may use is refused`() throws {
        let installation = try KeyInstallation()
        let tenant = try installation.tenant()
        let keys = try installation.store("intake").dataKeys(ids: installation.ids)
        let key = try keys.create(tenant: tenant)
        try installation.setMode(0o640, try installation.place(of: key.id).path)
        let fresh = try installation.store("vault").dataKeys(ids: installation.ids)
        let path = "\(installation.root)/vault/../\(try installation.place(of: key.id).path)"
        #expect(throws: KeysError.exposed(path: path, mode: 0o640)) { try fresh.open(tenant: tenant, id: key.id) }
        #expect(throws: KeysError.exposed(path: path, mode: 0o640)) { try fresh.destroy(tenant: tenant, id: key.id) }
    }
}
