// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Cryptography
import Foundation
import Keys

/// `paraph keys`: the key folders of an installation, and the tenants' seals.
enum KeysCommand: Command {
    static let name = "keys"
    static let summary = "make an installation's keys and the seals that tenants sign with, and decide over their life"
    static let usage = """
        usage: paraph keys init DIR
               paraph keys tenant --keys DIR --tenant ID --organisation NAME [--kind KIND]
               paraph keys issue  --keys DIR --tenant ID --organisation NAME [--kind KIND] [--purpose PURPOSE]
               paraph keys import --keys DIR --tenant ID --key KEY.pem --chain CHAIN.pem [--passphrase-file FILE]
                                  [--purpose PURPOSE] [--rotate-after DAYS]
               paraph keys import --keys DIR --tenant ID --uri pkcs11:… --chain CHAIN.pem
                                  [--purpose PURPOSE] [--rotate-after DAYS]
               paraph keys root   --keys DIR

        init    makes a folder per service, each with only the keys that service may use, a shared folder for storage
                keys, and a development certificate authority; what is there already is kept
        tenant  gives a tenant its storage key and an active seal from the development authority
        issue   stages a further key from the development authority; `activate` lets it sign
        import  stages a key of the tenant's own: a private key and its certificates, signer's first; with --uri the key
                stays in its PKCS#11 token, and pin-source= names a file with the PIN that signer's user can read
        root    prints the development authority's root certificate (PEM), for readers that should trust it

        KIND is rsa2048, rsa3072 or p256; PURPOSE is signature or certification.

        \(KeyLifeCommands.usage)
        """

    static func run(_ words: [String]) async throws -> Int32 {
        let rest = Array(words.dropFirst())
        do {
            switch words.first {
            case "init": try initialize(try Arguments(rest))
            case let name? where KeyLifeCommands.names.contains(name): try await KeyLifeCommands(name, rest).run()
            case "tenant": try tenant(try Arguments(rest, options: ["keys", "tenant", "organisation", "kind"]))
            case "issue":
                try issue(try Arguments(rest, options: ["keys", "tenant", "organisation", "kind", "purpose"]))
            case "import":
                try await importSeal(
                    try Arguments(
                        rest,
                        options: [
                            "keys", "tenant", "key", "uri", "chain", "passphrase-file", "purpose", "rotate-after",
                        ]))
            case "root": try root(try Arguments(rest, options: ["keys"]))
            default:
                throw UsageError(
                    message:
                        "say what to do: init, tenant, issue, import, root, \(KeyLifeCommands.names.joined(separator: ", "))"
                )
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
        try installation(arguments).addTenant(
            try tenantID(arguments), organization: try organisation(arguments), kind: try kind(arguments))
    }

    private static func issue(_ arguments: Arguments) throws {
        let id = try installation(arguments).issueSeal(
            tenant: try tenantID(arguments), organization: try organisation(arguments), kind: try kind(arguments),
            purpose: try purpose(arguments))
        staged(id)
    }

    private static func organisation(_ arguments: Arguments) throws -> String {
        guard let organisation = arguments["organisation"] else {
            throw UsageError(message: "--organisation NAME is missing: it stands in the certificate")
        }
        return organisation
    }

    private static func kind(_ arguments: Arguments) throws -> KeyKind {
        switch arguments["kind"] ?? "rsa2048" {
        case "rsa2048": .rsa(bits: 2048)
        case "rsa3072": .rsa(bits: 3072)
        case "p256": .p256
        default: throw UsageError(message: "--kind is rsa2048, rsa3072 or p256")
        }
    }

    private static func purpose(_ arguments: Arguments) throws -> SealPurpose {
        guard let purpose = SealPurpose(rawValue: arguments["purpose"] ?? SealPurpose.signature.rawValue) else {
            throw UsageError(message: "--purpose is signature or certification")
        }
        return purpose
    }

    private static func staged(_ id: UUID) {
        Terminal.say("Staged: \(id.text). It signs nothing before `paraph keys activate --key-id \(id.text)`.")
    }

    private static func importSeal(_ arguments: Arguments) async throws {
        guard let chain = arguments["chain"], (arguments["key"] == nil) != (arguments["uri"] == nil) else {
            throw UsageError(message: "--chain CHAIN.pem is needed, and either --key KEY.pem or --uri pkcs11:…")
        }
        let days = try arguments["rotate-after"].map { _ in
            try arguments.integer("rotate-after", in: 1...3_650, default: 730)
        }
        let (installation, tenant) = (try installation(arguments), try tenantID(arguments))
        let (purpose, chainPEM) = (try purpose(arguments), try read(chain))
        if let uri = arguments["uri"] {
            staged(
                try await installation.importSeal(
                    tenant: tenant, tokenURI: uri, chainPEM: chainPEM, purpose: purpose, rotationDays: days))
        } else if let key = arguments["key"] {
            var passphrase: String?
            if let file = arguments["passphrase-file"] {
                passphrase = String(decoding: try read(file), as: UTF8.self).trimmingCharacters(in: .newlines)
            }
            staged(
                try installation.importSeal(
                    tenant: tenant, keyPEM: try read(key), passphrase: passphrase, chainPEM: chainPEM,
                    purpose: purpose, rotationDays: days))
        }
    }

    private static func root(_ arguments: Arguments) throws {
        let certificate = try installation(arguments).rootCertificate
        Terminal.say(String(decoding: try Certificate.pem([certificate]), as: UTF8.self), terminator: "")
    }

    static func installation(_ arguments: Arguments) throws -> DevelopmentKeys {
        guard let folder = arguments["keys"] else { throw UsageError(message: "--keys DIR is missing") }
        return try DevelopmentKeys(at: folder, clock: .system, ids: .uuidv7(clock: .system))
    }

    static func tenantID(_ arguments: Arguments) throws -> UUID {
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
