// SPDX-License-Identifier: Apache-2.0
import Clocks
import Cryptography
import Foundation
import Testing

@testable import Keys

@Suite struct SealRegisterTests {
    private static let start = KeyInstallation.start

    private static func key(_ purpose: SealPurpose = .signature, end: Double = 1_000) -> RegisteredKey {
        RegisteredKey(
            id: UUID(), purpose: purpose, algorithm: "ecdsa-sha256", subject: "Seal", certificateSHA256: "00",
            notBefore: start, notAfter: start.advanced(bySeconds: end), createdAt: start,
            rotateBy: start.advanced(bySeconds: end))
    }

    private static func note(_ seconds: Double = 1) -> KeyNote {
        KeyNote(at: start.advanced(bySeconds: seconds), by: "test", reason: "a test")
    }

    private static func register(_ keys: [RegisteredKey]) throws -> SealRegister {
        var register = SealRegister()
        for key in keys {
            register.add(key)
            try register.noteTrial(of: key.id, at: start)
        }
        return register
    }

    @Test func `SIG-09: a key's states follow one another as the table says, and in no other way`() throws {
        let legal: [KeyState: Set<KeyState>] = [
            .preActivation: [.active, .compromised, .destroyed], .active: [.suspended, .deactivated, .compromised],
            .suspended: [.active, .deactivated, .compromised], .deactivated: [.active, .compromised, .destroyed],
            .compromised: [.destroyed], .destroyed: [],
        ]
        // A way to each state.
        let ways: [KeyState: [KeyState]] = [
            .preActivation: [], .active: [.active], .suspended: [.active, .suspended],
            .deactivated: [.active, .deactivated], .compromised: [.compromised], .destroyed: [.destroyed],
        ]
        for (state, way) in ways {
            for next in KeyState.allCases {
                let key = Self.key()
                var register = try Self.register([key])
                for step in way { try register.move(key.id, to: step, Self.note()) }
                #expect(try register.key(key.id).state == state)
                if legal[state]?.contains(next) == true {
                    try register.move(key.id, to: next, Self.note())
                    #expect(try register.key(key.id).state == next)
                } else {
                    #expect(throws: KeysError.illegalKeyState(id: key.id, from: state, to: next)) {
                        try register.move(key.id, to: next, Self.note())
                    }
                }
            }
        }
    }

    @Test func `SIG-11: a cutover needs a trial, replaces the key before, and can be rolled back`() throws {
        let first = Self.key()
        let second = Self.key()
        var register = try Self.register([first])
        try register.activate(first.id, Self.note(1))
        register.add(second)
        #expect(throws: KeysError.notTried(id: second.id)) { try register.activate(second.id, Self.note(2)) }
        #expect(register.active(.signature)?.id == first.id)
        try register.noteTrial(of: second.id, at: Self.start)
        try register.activate(second.id, Self.note(3))
        #expect(register.active(.signature)?.id == second.id)
        #expect(try register.key(first.id).state == .deactivated)
        #expect(try register.rollBack(.signature, Self.note(4)) == first.id)
        #expect(register.active(.signature)?.id == first.id)
        #expect(try register.key(second.id).state == .deactivated)
    }

    @Test func `a rollback never takes up a key that is compromised, expired or of another purpose`() throws {
        let keys = [Self.key(), Self.key(end: 10), Self.key(.certification), Self.key()]
        var register = try Self.register(keys)
        for (index, key) in keys.enumerated() { try register.activate(key.id, Self.note(Double(index))) }
        #expect(register.active(.certification)?.id == keys[2].id)
        try register.move(keys[0].id, to: .compromised, Self.note(5))
        #expect(throws: KeysError.nothingToRollBack) { try register.rollBack(.signature, Self.note(20)) }
        #expect(try register.rollBack(.signature, Self.note(9)) == keys[1].id)
    }

    @Test func `SIG-10: a revoked key signs nothing from that moment on, in a store that was open before`() throws {
        let installation = try KeyInstallation()
        let tenant = try installation.tenant()
        let store = try installation.store("signer").signingKeys()
        let seal = try store.signer(tenant: tenant)
        try installation.keys.move(tenant: tenant, keyID: seal.keyID, to: .compromised, Self.note())
        #expect(throws: KeysError.noSeal(tenant: tenant)) { try store.signer(tenant: tenant) }
        let next = try installation.keys.issueSeal(tenant: tenant, organization: "Test", kind: .p256)
        #expect(throws: KeysError.noSeal(tenant: tenant)) { try store.signer(tenant: tenant) }
        try installation.keys.noteTrial(tenant: tenant, keyID: next)
        try installation.keys.activate(tenant: tenant, keyID: next, Self.note())
        #expect(try store.signer(tenant: tenant).keyID == next)
        let steps = try installation.keys.register(tenant: tenant).key(seal.keyID).transitions
        #expect(steps.map(\.state) == [.active, .compromised])
        #expect(steps.last?.reason == "a test")
    }

    @Test func `of two changes made at the same time none is lost`() async throws {
        let installation = try KeyInstallation()
        let tenant = try installation.tenant()
        let stores = try (0..<4).map { _ in try installation.store("signer").signingKeys() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for store in stores {
                group.addTask {
                    for _ in 0..<10 {
                        while true {
                            do throws(KeysError) {
                                try store.change(tenant: tenant) { $0.add(Self.key()) }
                                break
                            } catch {
                                guard case .alreadyExists = error else { throw error }
                            }
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try stores[0].register(tenant: tenant).keys.count == 41)
    }

    @Test func `a destroyed key is gone, its chain and history stay`() throws {
        let installation = try KeyInstallation()
        let tenant = try installation.tenant()
        let id = try #require(try installation.keys.register(tenant: tenant).active(.signature)).id
        #expect(throws: KeysError.illegalKeyState(id: id, from: .active, to: .destroyed)) {
            try installation.keys.destroy(tenant: tenant, keyID: id, Self.note())
        }
        try installation.keys.move(tenant: tenant, keyID: id, to: .compromised, Self.note())
        try installation.keys.destroy(tenant: tenant, keyID: id, Self.note())
        let folder = "\(installation.root)/signer/seals/\(tenant.uuidString.lowercased())/\(id.uuidString.lowercased())"
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["chain.pem"])
        #expect(try installation.keys.register(tenant: tenant).key(id).state == .destroyed)
    }

    @Test func `SIG-08: a key of one purpose does not sign for another`() throws {
        let installation = try KeyInstallation()
        let tenant = try installation.tenant()
        let store = try installation.store("signer").signingKeys()
        #expect(throws: KeysError.noSeal(tenant: tenant)) { try store.signer(tenant: tenant, for: .certification) }
        let id = try installation.keys.issueSeal(
            tenant: tenant, organization: "Test", kind: .p256, purpose: .certification)
        try installation.keys.noteTrial(tenant: tenant, keyID: id)
        try installation.keys.activate(tenant: tenant, keyID: id, Self.note())
        #expect(try store.signer(tenant: tenant, for: .certification).keyID == id)
        #expect(try store.signer(tenant: tenant).keyID != id)
    }
}
