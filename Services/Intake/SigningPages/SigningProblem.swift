// SPDX-License-Identifier: Apache-2.0

/// Why a signing page refuses, as a code for programs and in plain words for people.
struct SigningProblem: Error, Sendable {
    let status: Int
    let code: String
    let title: String
    let detail: String
    /// JSON pointer of the member that is wrong, where there is one.
    var pointer: String?
    /// The sender's name of the field that is wrong, where there is one.
    var fieldKey: String?
    var retryAfterSeconds: Int?

    static let notFound = SigningProblem(
        status: 404, code: "not_found", title: "This link does not exist",
        detail: "Open the link exactly as it stands in the mail, or ask the sender for a new one.")
    static let superseded = SigningProblem(
        status: 410, code: "link_superseded", title: "There is a newer link",
        detail: "A newer mail with another link was sent to you. Please use the newest one, or ask the sender.")
    static let expired = SigningProblem(
        status: 410, code: "envelope_expired", title: "The time to sign is over",
        detail: "The sender set an end date that has passed. Please ask the sender to send it again.")
    static let voided = SigningProblem(
        status: 410, code: "envelope_voided", title: "The sender withdrew this document",
        detail: "There is nothing left to sign. Please ask the sender if you did not expect this.")
    static let declinedByOther = SigningProblem(
        status: 410, code: "envelope_declined", title: "Somebody declined to sign",
        detail: "The document will not be signed by anybody. Please ask the sender what happens next.")
    static let failed = SigningProblem(
        status: 410, code: "envelope_failed", title: "This document cannot be signed",
        detail: "The document itself cannot take a signature. The sender knows and has to send another one.")
    static let documentGone = SigningProblem(
        status: 410, code: "gone", title: "This document is not kept here any more",
        detail: "Please ask the sender for the signed document.")
    static let notYourTurn = SigningProblem(
        status: 409, code: "not_your_turn", title: "It is not your turn yet",
        detail: "Somebody else signs first. You get a mail when it is your turn.")
    static let nothingToSign = SigningProblem(
        status: 409, code: "nothing_to_sign", title: "There is nothing for you to sign",
        detail: "You get a copy of the document by mail when everybody has signed.")
    static let alreadySigned = SigningProblem(
        status: 409, code: "already_signed", title: "You have signed already",
        detail: "Your signature was given with other content before and cannot be replaced.")
    static let alreadyDeclined = SigningProblem(
        status: 409, code: "already_declined", title: "You have declined already",
        detail: "You declined to sign. Please ask the sender to send the document again if you changed your mind.")
    static let consentRequired = SigningProblem(
        status: 422, code: "consent_required", title: "Your agreement is missing",
        detail: "Tick the box to agree, then sign. Nothing was signed.", pointer: "/consent/agreed")
    static let consentMismatch = SigningProblem(
        status: 422, code: "consent_mismatch", title: "The agreement is for another version",
        detail: "Open the link again, read the document as it is now, and agree again. Nothing was signed.",
        pointer: "/consent")
    static let unsupportedMediaType = SigningProblem(
        status: 415, code: "unsupported_media_type", title: "The content type is not supported",
        detail: "Send application/json, application/x-www-form-urlencoded or multipart/form-data.")

    static func fieldRequired(_ key: String, at pointer: String) -> SigningProblem {
        SigningProblem(
            status: 422, code: "field_required", title: "A field is empty",
            detail: "Please fill in the field “\(key)”. Nothing was signed.", pointer: pointer, fieldKey: key)
    }

    static func fieldInvalid(_ detail: String, at pointer: String, field key: String? = nil) -> SigningProblem {
        SigningProblem(
            status: 422, code: "field_invalid", title: "An entry cannot be accepted", detail: detail,
            pointer: pointer, fieldKey: key)
    }

    static func unknownProperty(_ name: String, in pointer: String) -> SigningProblem {
        SigningProblem(
            status: 422, code: "unknown_property", title: "A property is not known",
            detail: "Leave out what the pointer names; it is not known here.",
            pointer: RequestChecker.pointer(pointer, name))
    }

    static func typeMismatch(_ detail: String, at pointer: String) -> SigningProblem {
        SigningProblem(
            status: 422, code: "type_mismatch", title: "A property has the wrong type", detail: detail,
            pointer: pointer)
    }

    static func malformed(_ detail: String) -> SigningProblem {
        SigningProblem(status: 400, code: "malformed_request", title: "The request cannot be read", detail: detail)
    }

    static func malformedJSON(_ detail: String) -> SigningProblem {
        SigningProblem(status: 400, code: "malformed_json", title: "The body is not valid JSON", detail: detail)
    }
}
