// SPDX-License-Identifier: Apache-2.0
import Configuration
import FileSystem
import FoundationEssentials
import Testing

struct ConfigurationReaderTests {
    private enum Word: String, CaseIterable { case red, blue }

    private static let name = ConfigurationKey.string("X_NAME", "a name")
    private static let pool = ConfigurationKey.int("X_POOL", default: 4, in: 1...64, unit: "sessions", "pool size")
    private static let port = ConfigurationKey.port("X_PORT", default: 8080, "port")
    private static let wait = ConfigurationKey.duration("X_WAIT", default: 30, in: 0.1...3600, "a wait")
    private static let word = ConfigurationKey.choice("X_WORD", default: Word.red, "a word")
    private static let flag = ConfigurationKey.bool("X_FLAG", default: false, "a flag")
    private static let secret = ConfigurationKey.secretFile("X_SECRET_FILE", optional: true, "a secret")

    @Test func `values are read and defaults fill in`() throws {
        var reader = ConfigurationReader(environment: [
            "X_NAME": "n", "X_WAIT": "500ms", "X_WORD": "blue", "X_PORT": "",
        ])
        #expect(reader.string(Self.name) == "n")
        #expect(reader.int(Self.pool) == 4)
        #expect(reader.port(Self.port) == 8080)
        #expect(reader.duration(Self.wait) == 0.5)
        #expect(reader.choice(Self.word) == .blue)
        #expect(reader.bool(Self.flag) == false)
        #expect(reader.optional(Self.secret) == nil)
        try reader.finish(servicePrefix: "X_")
    }

    @Test func `all mistakes are reported together`() {
        var reader = ConfigurationReader(environment: [
            "X_POOL": "0", "X_PORT": "65536", "X_WAIT": "5 minutes", "X_WORD": "green", "X_FLAG": "yes", "X_POOOL": "3",
            "X_SECRET_FILE": "/does/not/exist", "OTHER": "1",
        ])
        _ = reader.string(Self.name)
        _ = reader.int(Self.pool)
        _ = reader.port(Self.port)
        _ = reader.duration(Self.wait)
        _ = reader.choice(Self.word)
        _ = reader.bool(Self.flag)
        _ = reader.optional(Self.secret)
        let error = #expect(throws: ConfigurationError.self) { try reader.finish(servicePrefix: "X_", declared: []) }
        #expect(
            error?.mistakes.map(\.key) == [
                "X_NAME", "X_POOL", "X_PORT", "X_WAIT", "X_WORD", "X_FLAG", "X_SECRET_FILE", "X_POOOL",
            ])
        #expect(error?.description.contains("X_POOL is \"0\"; it has to be an integer from 1 to 64") == true)
        #expect(error?.description.contains("X_POOOL is unknown") == true)
    }

    @Test(arguments: [("30", 30), ("1.5s", 1.5), ("2m", 120), ("1h", 3600)] as [(String, Double)])
    func `a duration takes a unit`(text: String, seconds: Double) throws {
        var reader = ConfigurationReader(environment: ["X_WAIT": text])
        #expect(reader.duration(Self.wait) == seconds)
        try reader.finish()
    }

    @Test func `a declared key that this run does not read is not unknown`() throws {
        let reader = ConfigurationReader(environment: ["X_POOL": "3"])
        try reader.finish(servicePrefix: "X_", declared: [Self.pool])
    }

    @Test func `a secret loses one line break and shows itself nowhere`() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "secret-\(UUID().uuidString)").path
        try SecretFile.write(Array("hunter2\n".utf8), to: path)
        defer { try? FileManager.default.removeItem(atPath: path) }
        var reader = ConfigurationReader(environment: ["X_SECRET_FILE": path])
        let secret = reader.secretFile(Self.secret)
        #expect(secret.text == "hunter2")
        var dumped = ""
        dump(secret, to: &dumped)
        for text in ["\(secret)", String(reflecting: secret), dumped] { #expect(!text.contains("hunter2")) }
    }
}
