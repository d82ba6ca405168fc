// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Cryptography
import Envelopes

/// What a person is told before agreeing; a changed word is a new version, and consents name its digest.
struct Disclosure: Sendable {
    let id: String
    let version: String
    let language: String
    let text: String

    var sha256: ContentDigest {
        guard let digest = ContentDigest(bytes: SHA256.digest(of: Array(text.utf8))) else {
            preconditionFailure("SHA-256 has 32 bytes")
        }
        return digest
    }

    /// The only one there is today, in English.
    static let current = Disclosure(
        id: "electronic-signature", version: "1", language: "en",
        text: """
            You are asked to sign electronically. Read the whole document first; you can keep a copy of it.

            By ticking the box and choosing “I agree and sign” you declare that you agree to the document as it is shown \
            to you, and that your electronic signature shall stand for it. The time, your name, your e-mail address, your \
            network address and what you filled in are recorded as evidence, and the signed file is sealed so that any \
            later change shows.

            You do not have to sign. You may decline on this page, or close it and ask the sender for paper instead. You \
            may also withdraw before everybody has signed, by writing to the sender.
            """)

    static let legalEffect =
        "Your electronic signature has the effect that law and contract give it; it is a declaration of your will."
    static let howToRefuse = "Choose “Decline” on this page and say why, or close the page and write to the sender."
}
