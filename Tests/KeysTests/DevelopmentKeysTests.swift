// SPDX-License-Identifier: Apache-2.0
import Clocks
import Cryptography
import Foundation
import Testing

@testable import Keys

@Suite struct DevelopmentKeysTests {
    @Test func `each service's folder holds what it is entitled to and nothing else`() throws {
        let installation = try KeyInstallation()
        for (service, purposes) in DevelopmentKeys.entitlements {
            let names = try FileManager.default.contentsOfDirectory(atPath: "\(installation.root)/\(service)")
            #expect(Set(names) == Set(purposes.map { "\($0.rawValue).key" }))
        }
    }

    @Test func `key files are for their owner only and folders too`() throws {
        let installation = try KeyInstallation()
        _ = try installation.tenant()
        for path in try installation.files() { #expect(try installation.mode(path) == 0o600, "\(path)") }
        for path in ["intake", "signer", "signer/seals", "storage", "storage/data-keys", "ca", ""] {
            #expect(try installation.mode(path) == 0o700, "\(path)")
        }
    }

    @Test func `with a storage group the storage folder is writable by it and nothing else is`() throws {
        let installation = try KeyInstallation(storageGroup: UInt32(getgid()))
        let tenant = try installation.tenant()
        let key = try installation.store("intake").dataKeys(ids: installation.ids).create(tenant: tenant)
        let path = try installation.place(of: key.id).path
        #expect(try installation.mode("storage") == 0o2770)
        #expect(try installation.mode((path as NSString).deletingLastPathComponent) == 0o2770)
        #expect(try installation.mode(path) == 0o660)
        #expect(try installation.mode("intake") == 0o700)
    }

    @Test func `intake and notifier derive the same tokens`() throws {
        let installation = try KeyInstallation()
        let request = installation.ids.next()
        let token = try installation.store("intake").linkKey().token(request: request, generation: 1)
        #expect(try installation.store("notifier").linkKey().token(request: request, generation: 1) == token)
        #expect(try installation.store("intake").linkKey().token(request: request, generation: 2) != token)
        #expect(
            try installation.store("intake").linkKey().token(request: installation.ids.next(), generation: 1) != token)
        #expect(token.uuid.6 >> 4 == 4)
        let other = try KeyInstallation()
        #expect(try other.store("intake").linkKey().token(request: request, generation: 1) != token)
    }

    @Test func `a service without a key is told so`() throws {
        let installation = try KeyInstallation()
        let error = #expect(throws: KeysError.self) { try installation.store("signer").linkKey() }
        #expect(error == .missing(path: "\(installation.root)/signer/link.key"))
        #expect(throws: KeysError.self) { try installation.store("notifier").dataKeys(ids: installation.ids) }
        #expect(throws: KeysError.self) { try installation.store("nobody") }
    }

    @Test func `creating again keeps every key and makes missing ones like the others' copies`() throws {
        let installation = try KeyInstallation()
        let tenant = try installation.tenant()
        let before = try installation.files().map { path in
            (path, try Data(contentsOf: URL(fileURLWithPath: "\(installation.root)/\(path)")))
        }
        try FileManager.default.removeItem(atPath: "\(installation.root)/notifier/link.key")
        let again = try DevelopmentKeys.create(
            at: installation.root, clock: installation.clock.clock, ids: installation.ids)
        try again.addTenant(tenant, organization: "Other", kind: .p256)
        for (path, content) in before {
            #expect(try Data(contentsOf: URL(fileURLWithPath: "\(installation.root)/\(path)")) == content, "\(path)")
        }
    }

    @Test func `a key file or folder that others may use is refused`() throws {
        let installation = try KeyInstallation()
        try installation.setMode(0o640, "intake/link.key")
        #expect(throws: KeysError.exposed(path: "\(installation.root)/intake/link.key", mode: 0o640)) {
            try installation.store("intake").linkKey()
        }
        try installation.setMode(0o755, "vault")
        #expect(throws: KeysError.exposed(path: "\(installation.root)/vault", mode: 0o755)) {
            try installation.store("vault")
        }
        try installation.setMode(0o704, "storage")
        #expect(throws: KeysError.self) { try installation.store("intake").dataKeys(ids: installation.ids) }
    }

    @Test func `a file of another purpose is refused`() throws {
        let installation = try KeyInstallation()
        let path = "\(installation.root)/intake/link.key"
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.copyItem(atPath: "\(installation.root)/intake/service-identity.key", toPath: path)
        #expect(throws: KeysError.wrongPurpose(path: path, expected: .link)) {
            try installation.store("intake").linkKey()
        }
    }

    @Test func `a truncated or changed key file is refused`() throws {
        let installation = try KeyInstallation()
        let url = URL(fileURLWithPath: "\(installation.root)/intake/link.key")
        let content = try Data(contentsOf: url)
        for length in 0..<content.count {
            try content.prefix(length).write(to: url)
            try installation.setMode(0o600, "intake/link.key")
            #expect(throws: KeysError.self) { try installation.store("intake").linkKey() }
        }
        for position in content.indices {
            var changed = content
            changed[position] ^= 1
            try changed.write(to: url)
            try installation.setMode(0o600, "intake/link.key")
            #expect(throws: KeysError.self) { try installation.store("intake").linkKey() }
        }
    }

    @Test func `errors name no key bytes and say what to do`() throws {
        let error = KeysError.exposed(path: "/keys/link.key", mode: 0o644)
        #expect(error.description == "/keys/link.key has mode 644, others may use it: run `chmod go= /keys/link.key`")
    }

    @Test func `vault's audit key signs what its public half verifies`() throws {
        let installation = try KeyInstallation()
        let key = try installation.store("vault").auditKey()
        let signature = try key.sign([1, 2, 3])
        #expect(key.publicKey.isValid(signature: signature, ed25519Message: [1, 2, 3]))
    }
}
