// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Cryptography
import Envelopes
import FileSystem
import HTTPServer
import Messaging
import PDFSyntax
import Postgres
import ServiceAPI

extension APIRoutes {
    /// `POST /v1/verify`: judges the signatures of any PDF; changes nothing and stores nothing but the audit event.
    func verify(_ request: HTTPRequest) async throws -> HTTPResponse {
        let principal = try await access.admit(request, scope: .verify)
        try Self.checkQuery(request, allowed: [])
        guard ["application/pdf", "application/octet-stream"].contains(Self.mediaType(request)) else {
            throw ProblemDetails(.unsupportedMediaType, "Send the PDF as application/pdf.")
        }
        return try await verificationPlaces.holdingOne {
            let (document, digest) = try await received(request)
            let report: JSONValue
            do {
                report = try await verifier.verify(document)
            } catch let error as PDFError {
                try await record(
                    digest, ["passed": false, "refused": .string(error.code.rawValue)], by: principal, request)
                throw error
            }
            let signatures = report["signatures"]?.arrayValue ?? []
            let isPassed =
                !signatures.isEmpty && signatures.allSatisfy { $0["indication"]?.stringValue == "TOTAL-PASSED" }
            try await record(
                digest, ["passed": .bool(isPassed), "signatures": .integer(Int64(signatures.count))], by: principal,
                request)
            var members = report.objectValue ?? [:]
            members["passed"] = .bool(isPassed)
            members["sha256"] = .string(Hex.encode(digest))
            return .json(.object(members))
        }
    }

    private func record(
        _ digest: [UInt8], _ outcome: [String: JSONValue], by principal: Principal, _ request: HTTPRequest
    ) async throws {
        let event = try audit(
            fact(
                "document.verified", by: principal, subject: .tenant,
                hashes: ContentDigest(bytes: digest).map { ["document_sha256": $0] } ?? [:], metadata: outcome,
                at: context.clock.now()), request)
        try await context.pool.withTransaction { transaction in
            _ = try await context.outbox.write([Act(audit: [event])], in: transaction)
        }
    }

    private func received(_ request: HTTPRequest) async throws -> (AnonymousFile, digest: [UInt8]) {
        let document = try AnonymousFile()
        var hasher = DigestHasher(.sha256)
        var size = 0
        let chunks = request.body.chunks()
        while let chunk = try await chunks.next() {
            size += chunk.count
            guard size <= Limits.documentBytes else {
                throw HTTPServerError.bodyTooLarge(maximumBytes: Limits.documentBytes)
            }
            hasher.update(chunk)
            try document.append(chunk)
        }
        return (document, hasher.finalize())
    }
}
