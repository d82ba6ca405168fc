// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Foundation
import Keys

/// The parts of `paraph keys` that decide over a key's life.
struct KeyLifeCommands {
    static let usage = """
        usage: paraph keys list       --keys DIR --tenant ID [--json]
               paraph keys try        --keys DIR --tenant ID --key-id ID
               paraph keys activate   --keys DIR --tenant ID --key-id ID [--reason TEXT]
               paraph keys rollback   --keys DIR --tenant ID [--purpose signature|certification] [--reason TEXT]
               paraph keys suspend    --keys DIR --tenant ID --key-id ID --reason TEXT
               paraph keys resume     --keys DIR --tenant ID --key-id ID [--reason TEXT]
               paraph keys revoke     --keys DIR --tenant ID --key-id ID --reason TEXT
               paraph keys destroy    --keys DIR --tenant ID --key-id ID --reason TEXT

        list      shows the tenant's keys: state, purpose, algorithm, certificate, when it ends, when to rotate
        try       signs a small document with the key and verifies it, as the cutover demands
        activate  tries the key, then lets it sign in the place of the one before
        rollback  lets the one before sign again
        suspend   stops a key until `resume`; revoke stops it for ever (compromised); both count at once
        destroy   overwrites a key that signs no more; what it signed verifies as before. A key in a token has to be
                  destroyed there as well

        Running services see each change with their next signature, and record it in the tenant's audit log.
        """

    static let names = ["list", "try", "activate", "rollback", "suspend", "resume", "revoke", "destroy"]

    let name: String
    private let arguments: Arguments
    private let installation: DevelopmentKeys
    private let tenant: UUID

    init(_ name: String, _ words: [String]) throws {
        self.name = name
        arguments = try Arguments(
            words, flags: name == "list" ? ["json"] : [],
            options: (["keys", "tenant"] as Set)
                .union(name == "list" ? [] : name == "rollback" ? ["purpose", "reason"] : ["key-id", "reason"]))
        guard arguments.positional.isEmpty else { throw UsageError(message: "keys \(name) takes options only") }
        installation = try KeysCommand.installation(arguments)
        tenant = try KeysCommand.tenantID(arguments)
    }

    func run() async throws {
        switch name {
        case "list": try KeyTable.show(installation.register(tenant: tenant), json: arguments.has("json"))
        case "try": try await trial(try keyID())
        case "activate":
            let id = try keyID()
            try await trial(id)
            try installation.activate(tenant: tenant, keyID: id, note())
            Terminal.say("\(id.text) signs from now on. `paraph keys rollback` takes that back.")
        case "rollback":
            let text = arguments["purpose"] ?? SealPurpose.signature.rawValue
            guard let purpose = SealPurpose(rawValue: text) else {
                throw UsageError(message: "--purpose is signature or certification")
            }
            let id = try installation.rollBack(tenant: tenant, purpose: purpose, note())
            Terminal.say("\(id.text) signs again.")
        case "suspend": try move(to: .suspended, needsReason: true)
        case "resume": try move(to: .active, needsReason: false)
        case "revoke": try move(to: .compromised, needsReason: true)
        default:
            let id = try keyID()
            let token = try? installation.seal(tenant: tenant, keyID: id).tokenURI
            try installation.destroy(tenant: tenant, keyID: id, note(isNeeded: true))
            if let token {
                Terminal.say(
                    "Paraph's way to the key is gone. The key itself has to be destroyed in its token: \(token)")
            } else {
                Terminal.say("The key is gone.")
            }
        }
    }

    /// - Throws: `CommandFailure` when what the key signs does not verify.
    private func trial(_ id: UUID) async throws {
        try await TrialSignature(seal: installation.seal(tenant: tenant, keyID: id)).run(at: BusinessClock.system.now())
        try installation.noteTrial(tenant: tenant, keyID: id)
        Terminal.say("Trial: \(id.text) signed a document, and the signature verifies.")
    }

    private func move(to state: KeyState, needsReason: Bool) throws {
        let id = try keyID()
        try installation.move(tenant: tenant, keyID: id, to: state, note(isNeeded: needsReason))
        Terminal.say("\(id.text) is \(state.rawValue).")
    }

    private func note(isNeeded: Bool = false) throws -> KeyNote {
        guard !isNeeded || arguments["reason"]?.isEmpty == false else {
            throw UsageError(message: "--reason TEXT is missing: it stays in the key's register")
        }
        return KeyNote(at: BusinessClock.system.now(), by: NSUserName(), reason: arguments["reason"])
    }

    private func keyID() throws -> UUID {
        guard let text = arguments["key-id"], let id = UUID(text: text) else {
            throw UsageError(message: "--key-id takes a key's id, as `paraph keys list` shows it")
        }
        return id
    }
}

/// A register for people, or as one JSON object.
enum KeyTable {
    static func show(_ register: SealRegister, json: Bool) throws {
        if json {
            Terminal.say(String(decoding: try CanonicalJSON.bytes(of: register), as: UTF8.self))
            return
        }
        if register.keys.isEmpty {
            Terminal.say("The tenant has no keys: `paraph keys tenant` or `paraph keys import` makes one.")
        }
        for key in register.keys {
            Terminal.say("\(key.id.text)  \(key.state.rawValue)  \(key.purpose.rawValue)  \(key.algorithm)")
            Terminal.say(
                "    \(key.subject); ends \(day(key.notAfter)), rotate by \(day(key.rotateBy)), "
                    + (key.triedAt.map { "tried \(day($0))" } ?? "not tried"))
            for step in key.transitions {
                let reason = step.reason.map { ": \($0)" } ?? ""
                Terminal.say("    \(step.at.rfc3339(fractionDigits: 0))  \(step.state.rawValue) by \(step.by)\(reason)")
            }
        }
    }

    private static func day(_ instant: Instant) -> Substring { instant.rfc3339(fractionDigits: 3).prefix(10) }
}
