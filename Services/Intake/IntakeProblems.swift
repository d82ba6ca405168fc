// SPDX-License-Identifier: Apache-2.0
import HTTPServer
import PDFSyntax
import ServiceAPI
import Storage

extension ProblemCode {
    static let tooManyDocuments = ProblemCode("too_many_documents", "One document is supported", 422)
    /// Part of the API's shape that has no implementation yet; refused, never ignored.
    static let notSupported = ProblemCode("not_supported", "This is not supported yet", 422)
    static let notAPDF = ProblemCode("not_a_pdf", "The file is not a PDF", 422)
    static let pdfTruncated = ProblemCode("pdf_truncated", "The end of the PDF is missing", 422)
    static let pdfDamaged = ProblemCode("pdf_damaged", "The PDF is damaged", 422)
    static let pdfEncrypted = ProblemCode("pdf_encrypted", "The PDF is encrypted", 422)
    static let pdfTooComplex = ProblemCode("pdf_too_complex", "The PDF is too complex", 422)
    static let pdfUnsupported = ProblemCode("pdf_unsupported", "The PDF cannot be signed here", 422)
    static let storageFull = ProblemCode("storage_full", "There is no room for documents", 503)
    static let notCompleted = ProblemCode("not_completed", "The envelope is not completed", 409)
    static let envelopeEnded = ProblemCode("envelope_ended", "The envelope has ended", 409)
    static let alreadySent = ProblemCode("already_sent", "The envelope was sent already", 409)
    static let notOpen = ProblemCode("not_open", "It is not this recipient's turn yet", 409)
    static let alreadySigned = ProblemCode("already_signed", "The recipient has acted already", 409)
    static let artifactGone = ProblemCode("gone", "The file was disposed of", 410)

    /// What the authenticated API answers beyond the common codes.
    static let intake: [ProblemCode] = [
        .tooManyDocuments, .notSupported, .notAPDF, .pdfTruncated, .pdfDamaged, .pdfEncrypted, .pdfTooComplex,
        .pdfUnsupported, .storageFull, .notCompleted, .envelopeEnded, .alreadySent, .notOpen, .alreadySigned,
        .artifactGone,
    ]
}

/// Where errors of intake's own tools become problems.
enum IntakeFallback {
    static func respond(to error: any Error, _ request: HTTPRequest) -> HTTPResponse {
        problem(for: error).response
    }

    static func problem(for error: any Error) -> ProblemDetails {
        switch error {
        case let error as StorageError: problem(for: error)
        case let error as PDFError: problem(for: error)
        default: ProblemFallback.problem(for: error)
        }
    }

    static func problem(for error: PDFError) -> ProblemDetails {
        let code: ProblemCode
        switch error.code {
        case .notAPDF: code = .notAPDF
        case .truncated: code = .pdfTruncated
        case .damaged: code = .pdfDamaged
        case .encrypted: code = .pdfEncrypted
        case .tooComplex: code = .pdfTooComplex
        case .unsupported: code = .pdfUnsupported
        case .fieldOutsidePage, .fieldNameTaken, .fieldMissing, .placeholderTooSmall, .imageUnusable:
            code = .validationFailed
        case .sourceUnreadable, .fontMissing:
            return ProblemDetails(
                .unavailable, "The stored file could not be read; send it again.", retryAfterSeconds: 5)
        }
        return ProblemDetails(code, error.detail)
    }

    private static func problem(for error: StorageError) -> ProblemDetails {
        switch error {
        case .full:
            ProblemDetails(.storageFull, "The operator has to free space; try again later.", retryAfterSeconds: 60)
        case .conflict:
            ProblemDetails(.idempotencyKeyReused, "Use a new key for a new request; repeat a request unchanged.")
        case .notFound, .corrupted, .writerClosed, .keys, .file:
            ProblemDetails(.internalError, "Send the request again; report the trace_id when it stays so.")
        }
    }
}
