// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import HTTPServer

/// The body of a post to a signing page: JSON from programs, a form from browsers.
enum SigningBody: Sendable {
    case json(JSONValue)
    /// The picture is that of the form's file input.
    case form(FormBody, picture: [UInt8]?)

    /// A submission with a picture of the largest size in base64.
    private static let maximumBytes = 4 << 20
    /// All texts of a form together.
    private static let maximumFormText = 2 << 20
    static let pictureName = "signature_image"

    /// The texts of the form; none for JSON.
    var form: FormBody {
        if case .form(let form, _) = self { form } else { FormBody() }
    }

    /// Reads the body to its end; an empty one is an object without members.
    ///
    /// - Throws: `SigningProblem` for a body that is not what its type says, `HTTPServerError` for one that is too long.
    static func read(_ request: HTTPRequest) async throws -> SigningBody {
        switch APIRoutes.mediaType(request) {
        case "application/x-www-form-urlencoded":
            guard let form = FormBody(try await request.body.collect(maximumBytes: maximumBytes)) else {
                throw SigningProblem.malformed("The form is not valid UTF-8 or has a broken percent sequence.")
            }
            return .form(form, picture: nil)
        case "multipart/form-data":
            return try await multipart(request)
        case "", "application/json":
            let bytes = try await request.body.collect(maximumBytes: maximumBytes)
            if bytes.isEmpty { return .json([:]) }
            do {
                return .json(try JSONValue(parsing: bytes))
            } catch {
                throw SigningProblem.malformedJSON("\(error.reason.rawValue) at byte \(error.offset).")
            }
        default: throw SigningProblem.unsupportedMediaType
        }
    }

    private static func multipart(_ request: HTTPRequest) async throws -> SigningBody {
        var limits = MultipartLimits()
        // Each field of the recipient is a part.
        limits.maximumParts = Limits.fields + 16
        var form = FormBody()
        var picture: [UInt8]?
        var room = maximumFormText
        for try await part in try MultipartReader(request, limits: limits) {
            if part.headers.name == pictureName, part.headers.filename != nil {
                // A file input without a choice sends an empty file.
                let bytes = try await file(part)
                if !bytes.isEmpty { picture = bytes }
            } else {
                let bytes = try await part.collect(maximumBytes: room)
                room -= bytes.count
                guard let text = String(validating: bytes, as: UTF8.self) else {
                    throw SigningProblem.malformed("The form is not valid UTF-8.")
                }
                form.add(text, as: part.headers.name)
            }
        }
        return .form(form, picture: picture)
    }

    private static func file(_ part: MultipartPart) async throws -> [UInt8] {
        do {
            return try await part.collect(maximumBytes: SignatureImage.maximumBytes)
        } catch HTTPServerError.bodyTooLarge {
            throw SigningProblem.image(.tooLarge)
        }
    }
}
