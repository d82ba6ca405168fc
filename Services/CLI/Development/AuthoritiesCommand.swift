// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Cryptography
import DevelopmentAuthorities
import Foundation
import HTTPServer
import Keys
import Logging
import Metrics
import ServiceKit

/// `paraph dev authorities`: timestamps, OCSP and revocation lists on loopback, for B-T to B-LTA without a network.
enum AuthoritiesCommand {
    static func run(_ words: [String]) async throws -> Int32 {
        guard words.first != "revoke" else { return try revoke(Array(words.dropFirst())) }
        let arguments = try Arguments(words, options: ["port", "folder", "keys"])
        guard arguments.positional.isEmpty, (arguments["folder"] == nil) != (arguments["keys"] == nil) else {
            throw UsageError(message: "name a folder for the authorities: --folder DIR")
        }
        do {
            let folder = AuthorityFolder(
                path: arguments["folder"] ?? arguments["keys"] ?? "", ownsSigners: arguments["keys"] == nil)
            let authority = try folder.open(port: try arguments.integer("port", in: 0...65_535, default: 0))
            let listener = try listen(to: authority)
            Terminal.say(try folder.description(of: authority, port: listener.port))
            try await ServiceGroup(services: [listener], logger: .disabled).run()
        } catch let error as KeysError {
            throw CommandFailure("\(error)")
        } catch let error as HTTPServerError {
            throw CommandFailure("cannot listen: \(error)")
        }
        return 0
    }

    private static func listen(to authority: DevelopmentAuthority) throws -> HTTPListener {
        guard let port = authority.address.flatMap(AuthorityFolder.port(of:)) else {
            throw CommandFailure("the certificates in this folder name no address to serve them at")
        }
        var configuration = HTTPListenerConfiguration(name: "authorities", port: port, maximumBodyBytes: 65_536)
        configuration.drainSeconds = 0.1
        return try HTTPListener(
            configuration, router: AuthorityRoutes(authority: authority, clock: .system).router, logger: .disabled,
            metrics: MetricsRegistry())
    }

    private static func revoke(_ words: [String]) throws -> Int32 {
        let arguments = try Arguments(words, options: ["folder", "reason"])
        guard let folder = arguments["folder"], let file = arguments.positional.first, arguments.positional.count == 1
        else { throw UsageError(message: "name the certificate: paraph dev authorities revoke --folder DIR CERT.pem") }
        let number = try arguments.integer("reason", in: 0...10, default: RevocationReason.unspecified.rawValue)
        guard let reason = RevocationReason(rawValue: number) else {
            throw UsageError(message: "--reason takes a CRLReason of RFC 5280, as 1 for a compromised key")
        }
        guard let bytes = FileManager.default.contents(atPath: file),
            let certificate = try? Certificate.certificates(pem: Array(bytes)).first
        else { throw CommandFailure("cannot read a certificate in \(file)", exitCode: CommandFailure.unreadable) }
        do throws(KeysError) {
            try DevelopmentAuthority(at: folder + "/ca").revoke(
                certificate, reason: reason, now: BusinessClock.system.now())
        } catch {
            throw CommandFailure("\(error)")
        }
        return 0
    }
}

/// What `paraph dev authorities` keeps in its folder: the authority under `ca`, its root, and two signers.
struct AuthorityFolder {
    private static let signers: [(name: String, kind: KeyKind)] = [("rsa2048", .rsa(bits: 2048)), ("p256", .p256)]

    let path: String
    /// False in an installation's key folder, where signers' keys are sealed and not written like this.
    let ownsSigners: Bool

    /// Opens the authority, or makes one that is served at this port; 0 takes a free one, and later the same again.
    func open(port: Int) throws -> DevelopmentAuthority {
        let place = "\(path)/ca"
        let now = BusinessClock.system.now()
        if ownsSigners, !FileManager.default.fileExists(atPath: "\(place)/issuing.pem") {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            let chosen = try port == 0 ? Self.freePort() : port
            try DevelopmentAuthority.create(
                at: place, address: "http://127.0.0.1:\(chosen)", now: now, ids: .uuidv7(clock: .system))
        }
        let authority = try DevelopmentAuthority(at: place)
        guard port == 0 || authority.address.flatMap(Self.port(of:)) == port else {
            throw CommandFailure(
                "the certificates in \(path) name another address: use that port, or another folder")
        }
        if ownsSigners { try writeFiles(of: authority, now: now) }
        return authority
    }

    /// One object in JSON.
    func description(of authority: DevelopmentAuthority, port: Int) throws -> String {
        let address = "http://127.0.0.1:\(port)"
        var members: [String: JSONValue] = [
            "timestamp": .string(address + AuthorityPath.timestamp), "ocsp": .string(address + AuthorityPath.ocsp),
            "revocation_lists": .array([
                .string(address + AuthorityPath.rootList), .string(address + AuthorityPath.issuingList),
            ]),
            "root": .string(ownsSigners ? "\(path)/root.pem" : "\(path)/ca/root.pem"),
        ]
        if ownsSigners {
            members["signers"] = .object(
                Dictionary(
                    uniqueKeysWithValues: Self.signers.map { signer in
                        (
                            signer.name,
                            .object([
                                "key": .string(keyFile(signer.name)), "chain": .string(chainFile(signer.name)),
                            ])
                        )
                    }))
        }
        return String(decoding: JSONValue.object(members).canonicalBytes(), as: UTF8.self)
    }

    static func port(of address: String) -> Int? { URL(string: address)?.port }

    private func keyFile(_ name: String) -> String { "\(path)/\(name).key.pem" }
    private func chainFile(_ name: String) -> String { "\(path)/\(name).chain.pem" }

    private func writeFiles(of authority: DevelopmentAuthority, now: Instant) throws {
        try Data(Certificate.pem([authority.root])).write(to: URL(fileURLWithPath: "\(path)/root.pem"))
        for (name, kind) in Self.signers where !FileManager.default.fileExists(atPath: chainFile(name)) {
            let (key, chain) = try authority.issueSeal(organization: "Example Ltd", kind: kind, now: now)
            _ = FileManager.default.createFile(
                atPath: keyFile(name), contents: Data(try key.pem()), attributes: [.posixPermissions: 0o600])
            try Data(Certificate.pem(chain)).write(to: URL(fileURLWithPath: chainFile(name)))
        }
    }

    /// A port that was free a moment ago: the certificates have to name it before anything listens.
    private static func freePort() throws -> Int {
        try HTTPListener(
            HTTPListenerConfiguration(name: "probe", maximumBodyBytes: 0), router: Router(), logger: .disabled,
            metrics: MetricsRegistry()
        ).port
    }
}
