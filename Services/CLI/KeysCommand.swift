// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Cryptography
import Foundation
import Keys

/// `paraph keys`: the key folders of an installation, and the tenants' seals.
enum KeysCommand: Command {
    static let name = "keys"
    static let summary = "make an installation's keys, and the seals that tenants sign with"
    static let usage = """
        usage: paraph keys init DIR
               paraph keys tenant --keys DIR --tenant ID --organisation NAME [--kind rsa2048|rsa3072|p256]
               paraph keys import --keys DIR --tenant ID --key KEY.pem --chain CHAIN.pem [--passphrase-file FILE]
               paraph keys root --keys DIR

        init    makes a folder per service, each with only the keys that service may use, a shared folder for storage
                keys, and a development certificate authority; what is there already is kept
        tenant  gives a tenant its storage key and a seal from the development authority
        import  gives a tenant its storage key and a seal of its own: a private key and its certificates, signer's first
        root    prints the development authority's root certificate (PEM), for readers that should trust it
        """

    static func run(_ words: [String]) async throws -> Int32 {
        let rest = Array(words.dropFirst())
        do {
            switch words.first {
            case "init": try initialize(try Arguments(rest))
            case "tenant": try tenant(try Arguments(rest, options: ["keys", "tenant", "organisation", "kind"]))
            case "import":
                try importSeal(try Arguments(rest, options: ["keys", "tenant", "key", "chain", "passphrase-file"]))
            case "root": try root(try Arguments(rest, options: ["keys"]))
            default: throw UsageError(message: "say what to do: init, tenant, import or root")
            }
        } catch let error as KeysError {
            throw CommandFailure("\(error)")
        }
        return 0
    }

    private static func initialize(_ arguments: Arguments) throws {
        guard let folder = arguments.positional.first, arguments.positional.count == 1 else {
            throw UsageError(message: "name the folder: paraph keys init DIR")
        }
        _ = try DevelopmentKeys.create(at: folder, clock: .system, ids: .uuidv7(clock: .system))
        Terminal.say(
            "Keys are in \(folder). Back up this folder apart from the database: without it nothing can be read.")
    }

    private static func tenant(_ arguments: Arguments) throws {
        guard let organisation = arguments["organisation"] else {
            throw UsageError(message: "--organisation NAME is missing: it stands in the certificate")
        }
        let kind: KeyKind
        switch arguments["kind"] ?? "rsa2048" {
        case "rsa2048": kind = .rsa(bits: 2048)
        case "rsa3072": kind = .rsa(bits: 3072)
        case "p256": kind = .p256
        default: throw UsageError(message: "--kind is rsa2048, rsa3072 or p256")
        }
        try installation(arguments).addTenant(try tenantID(arguments), organization: organisation, kind: kind)
    }

    private static func importSeal(_ arguments: Arguments) throws {
        guard let key = arguments["key"], let chain = arguments["chain"] else {
            throw UsageError(message: "--key KEY.pem and --chain CHAIN.pem are needed")
        }
        var passphrase: String?
        if let file = arguments["passphrase-file"] {
            passphrase = String(decoding: try read(file), as: UTF8.self).trimmingCharacters(in: .newlines)
        }
        try installation(arguments).importSeal(
            tenant: try tenantID(arguments), keyPEM: try read(key), passphrase: passphrase, chainPEM: try read(chain))
    }

    private static func root(_ arguments: Arguments) throws {
        let certificate = try installation(arguments).rootCertificate
        Terminal.say(String(decoding: try Certificate.pem([certificate]), as: UTF8.self), terminator: "")
    }

    private static func installation(_ arguments: Arguments) throws -> DevelopmentKeys {
        guard let folder = arguments["keys"] else { throw UsageError(message: "--keys DIR is missing") }
        return try DevelopmentKeys(at: folder, clock: .system, ids: .uuidv7(clock: .system))
    }

    private static func tenantID(_ arguments: Arguments) throws -> UUID {
        guard let text = arguments["tenant"], let id = UUID(text: text) else {
            throw UsageError(message: "--tenant takes the tenant's id, as `paraph admin tenant create` printed it")
        }
        return id
    }

    private static func read(_ path: String) throws -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path) else { throw CommandFailure("cannot read \(path)") }
        return Array(data)
    }
}
