// SPDX-License-Identifier: Apache-2.0

package import Foundation

/// A SoftHSM2 token whose keys are imported from PEM; an EC key gets no use but signing, an RSA key others too.
///
/// Each has a copy of the module of its own, so that suites side by side do not end one another's sessions.
package struct TestToken: Sendable {
    /// The user's PIN of every token made here.
    package static let pin = "4711"
    /// Debian's module of softhsm2.
    package static let installedModule = "/usr/lib/softhsm/libsofthsm2.so"
    /// Whether tokens can be made here.
    package static let isInstalled = FileManager.default.fileExists(atPath: installedModule)

    /// The folder of all tokens of this process, named by the environment, where the module looks; made once.
    package static let folder: Result<URL, any Error> = Result {
        let folder = FileManager.default.temporaryDirectory.appending(path: "paraph-softhsm-\(UUID().uuidString)")
        let tokens = folder.appending(path: "tokens")
        try FileManager.default.createDirectory(at: tokens, withIntermediateDirectories: true)
        let configuration = folder.appending(path: "softhsm2.conf")
        try Data("directories.tokendir = \(tokens.path)\nlog.level = ERROR\n".utf8).write(to: configuration)
        unsafe setenv("SOFTHSM2_CONF", configuration.path, 1)
        atexit { if let folder = try? TestToken.folder.get() { try? FileManager.default.removeItem(at: folder) } }
        return folder
    }

    /// Names the token and its files.
    package let label: String
    private let root: URL

    /// Makes a token of that label, which has to be new.
    package init(_ label: String) throws {
        self.label = label
        root = try Self.folder.get()
        try FileManager.default.copyItem(
            at: URL(filePath: Self.installedModule).resolvingSymlinksInPath(), to: root.appending(path: "\(label).so"))
        try write(Data("\(Self.pin)\n".utf8), "\(label).pin")
        try Self.utility(["--init-token", "--free", "--label", label, "--pin", Self.pin, "--so-pin", "12345678"])
    }

    /// Puts a private key into the token: sensitive and not extractable.
    package func importKey(_ pem: [UInt8], label key: String, id: UInt8) throws {
        let name = "\(label)-\(key).pem"
        try write(Data(pem), name)
        defer { try? FileManager.default.removeItem(at: root.appending(path: name)) }
        let number = String(id, radix: 16)
        try Self.utility([
            "--import", root.appending(path: name).path, "--token", label, "--label", key, "--id",
            number.count == 1 ? "0\(number)" : number, "--pin", Self.pin,
        ])
    }

    /// The file that the PIN is read from.
    package var pinPath: String { root.appending(path: "\(label).pin").path }

    /// The RFC 7512 URI of a key, with module and PIN file.
    package func uri(_ key: String) -> String {
        "pkcs11:token=\(label);object=\(key)?module-path=\(root.appending(path: "\(label).so").path)"
            + "&pin-source=\(pinPath)"
    }

    /// Replaces what the PIN file says.
    package func changePINFile(to pin: String) throws { try write(Data("\(pin)\n".utf8), "\(label).pin") }

    private func write(_ data: Data, _ name: String) throws {
        let path = root.appending(path: name).path
        guard FileManager.default.createFile(atPath: path, contents: data, attributes: [.posixPermissions: 0o600])
        else { throw TestTokenError(step: "write \(name)") }
    }

    /// Runs softhsm2-util.
    package static func utility(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/softhsm2-util")
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        try SignalMask.empty { try process.run() }
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw TestTokenError(step: arguments.first ?? "") }
    }
}

/// softhsm2-util refused a step.
package struct TestTokenError: Error {
    let step: String
}
