// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@Suite(
    .enabled(if: FileManager.default.fileExists(atPath: "/usr/lib/softhsm/libsofthsm2.so"), "softhsm2 is not installed")
)
struct TokenSigningTests {
    private static let module = "module-path=/usr/lib/softhsm/libsofthsm2.so"

    private func stage() throws -> (CommandStage, [String: String]) {
        let stage = try CommandStage()
        try stage.write(CommandStage.sample(), "a.pdf")
        try FileManager.default.createDirectory(atPath: stage.path("tokens"), withIntermediateDirectories: true)
        try stage.write(Array("directories.tokendir = \(stage.path("tokens"))\nlog.level = ERROR\n".utf8), "hsm.conf")
        try stage.write(Array("4711\n".utf8), "pin")
        let environment = ["SOFTHSM2_CONF": stage.path("hsm.conf")]
        let steps = [
            ["--init-token", "--free", "--label", "stage", "--pin", "4711", "--so-pin", "12345678"],
            ["--import", "key.pem", "--token", "stage", "--label", "seal", "--id", "01", "--pin", "4711"],
        ]
        for words in steps {
            let ended = try stage.run(words, program: "/usr/bin/softhsm2-util", environment: environment)
            try #require(ended.code == 0, "\(ended.complaints)")
        }
        return (stage, environment)
    }

    @Test func `SIG-06: a key signs from its token, its PIN from a file`() throws {
        let (stage, environment) = try stage()
        let uri = "pkcs11:token=stage;object=seal?\(Self.module)&pin-source=\(stage.path("pin"))"
        let signed = try stage.run(
            ["sign", "a.pdf", "--key", uri, "--chain", "chain.pem"], environment: environment)
        #expect(signed.code == 0, "\(signed.complaints)")
        #expect(try stage.paraph("verify", "a-signed.pdf", "--trust", "root.pem").code == 0)
        let bare = "pkcs11:token=stage?\(Self.module)"
        let byVariable = try stage.run(
            ["sign", "a.pdf", "--key", bare, "--chain", "chain.pem"],
            environment: environment.merging(["PARAPH_PIN_FILE": stage.path("pin")]) { $1 })
        #expect(byVariable.code == 0)
        let cases = [
            (bare, "wants a PIN"), ("pkcs11:token=none?\(Self.module)", "no token"),
            ("pkcs11:token=stage;object=other?\(Self.module)&pin-source=\(stage.path("pin"))", "no private key"),
        ]
        for (key, reason) in cases {
            let ended = try stage.run(
                ["sign", "a.pdf", "--key", key, "--chain", "chain.pem"], environment: environment)
            #expect(ended.code == 1 && ended.lastComplaint.contains(reason), "\(ended.complaints)")
        }
        let wrongChain = try stage.run(
            ["sign", "a.pdf", "--key", uri, "--chain", "root.pem"], environment: environment)
        #expect(wrongChain.code == 1)
        let noChain = try stage.run(["sign", "a.pdf", "--key", uri], environment: environment)
        #expect(noChain.code == 1 && noChain.lastComplaint.contains("--chain"))
    }

    @Test func `SIG-14: a tenant's seal in a token is imported, tried, activated, revoked and destroyed`() throws {
        let (stage, environment) = try stage()
        let tenant = UUID().uuidString.lowercased()
        #expect(try stage.paraph("keys", "init", stage.path("keys")).code == 0)
        let uri = "pkcs11:token=stage;object=seal?\(Self.module)&pin-source=\(stage.path("pin"))"
        func keys(_ words: String...) throws -> CommandStage.Ended {
            try stage.run(
                ["keys", words[0], "--keys", stage.path("keys"), "--tenant", tenant] + words.dropFirst(),
                environment: environment)
        }
        let both = try keys("import", "--uri", uri, "--key", "key.pem", "--chain", "chain.pem")
        #expect(both.code != 0 && both.complaints.contains("--uri"))
        let foreign = try keys("import", "--uri", uri, "--chain", "root.pem")
        #expect(foreign.code == 1, "\(foreign.complaints)")
        let imported = try keys("import", "--uri", uri, "--chain", "chain.pem")
        #expect(imported.code == 0, "\(imported.complaints)")
        let id = try #require(imported.output.split(separator: " ").dropFirst().first).dropLast().description
        let activated = try keys("activate", "--key-id", id)
        #expect(activated.code == 0 && activated.output.contains("signs from now on"), "\(activated.complaints)")
        #expect(try keys("list").output.contains("active  signature  ecdsa"))
        #expect(try keys("revoke", "--key-id", id, "--reason", "a test").code == 0)
        let destroyed = try keys("destroy", "--key-id", id, "--reason", "a test")
        #expect(destroyed.code == 0 && destroyed.output.contains(uri), "\(destroyed.complaints)")
        #expect(try keys("list").output.contains("destroyed"))
    }
}
