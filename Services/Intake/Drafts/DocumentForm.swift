// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Envelopes
import Foundation
import HTTPServer
import ServiceAPI

/// The multipart form of `POST /v1/documents`: `document` with the JSON and `file` with the PDF, in either order.
struct DocumentForm: Sendable {
    let json: JSONValue
    let file: ReceivedFile
    let fileName: String?

    /// Reads the whole form; the file is stored while it arrives unless the call is a replay.
    ///
    /// - Throws: `ProblemDetails` for a part that is missing, unknown, doubled or of the wrong type; what was stored by
    ///   then is removed.
    static func read(
        _ request: HTTPRequest, call: IdempotentCall, tenant: TenantID, artifact: UUID, receiver: FileReceiver
    ) async throws -> DocumentForm {
        let reader = try MultipartReader(request)
        var json: JSONValue?
        var file: ReceivedFile?
        var fileName: String?
        do {
            while let part = try await reader.nextPart() {
                switch part.headers.name {
                case "document" where json == nil:
                    try check(part.headers, allowed: ["application/json", "text/plain"])
                    json = try JSONBody.parse(try await part.collect(maximumBytes: Limits.draftBytes))
                case "file" where file == nil:
                    try check(part.headers, allowed: ["application/pdf", "application/octet-stream"])
                    fileName = part.headers.filename.flatMap(plainName)
                    file = try await receiver.receive(
                        tenant: tenant, artifact: artifact, isStored: !call.isReplay, keepAlive: call.keepAlive,
                        next: part.chunks.next)
                case "file": throw invalid("too_many_documents", "file", "An envelope holds one document today.")
                case "document": throw invalid("duplicate_key", "document", "Send this part once.")
                default: throw invalid("unknown_property", "", "Only the parts document and file are known.")
                }
            }
            guard let json else { throw invalid("required", "document", "The part document with the JSON is missing.") }
            guard let file else { throw invalid("required", "file", "The part file with the PDF is missing.") }
            return DocumentForm(json: json, file: file, fileName: fileName)
        } catch {
            if let object = file?.object, !(error is CancellationError) { await receiver.discard(object) }
            throw error
        }
    }

    private static func check(_ headers: MultipartHeaders, allowed: [String]) throws(ProblemDetails) {
        guard let type = headers.contentType else { return }
        let name = type.prefix { $0 != ";" }.filter { $0 != " " }.lowercased()
        guard allowed.contains(name) else {
            throw ProblemDetails(.unsupportedMediaType, "Send the part with Content-Type: \(allowed[0]).")
        }
    }

    /// The last component, without control characters; nil when nothing is left.
    private static func plainName(_ name: String) -> String? {
        let last = name.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last ?? ""
        let clean = String(
            last.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }.prefix(Limits.titleCharacters))
        return clean.isEmpty ? nil : clean
    }

    private static func invalid(_ code: String, _ part: String, _ detail: String) -> ProblemDetails {
        ProblemDetails(
            code == ProblemCode.tooManyDocuments.code ? .tooManyDocuments : .validationFailed, detail,
            errors: [ProblemDetails.Item(pointer: part.isEmpty ? "" : "/\(part)", code: code, detail: detail)])
    }
}
