// SPDX-License-Identifier: Apache-2.0
import Audit
import ByteCoding
import Clocks
import Envelopes
import Foundation
import HTTPServer
import Keys
import Postgres
import Storage

/// The vault's retrieval API: read-only, for intake, behind a service identity.
struct RetrievalRoutes: Sendable {
    private static let pieceBytes = 1 << 18

    let pool: PostgresPool
    let store: FilesystemObjectStore
    let seal: PersonalDataSeal
    let files: BlockingPool
    let identity: ServiceIdentity
    let clock: BusinessClock

    var router: Router {
        var router = Router { error, _ in
            .text("\((error as? HTTPServerError)?.status ?? 500)\n", status: (error as? HTTPServerError)?.status ?? 500)
        }
        router.on(.get, "/internal/v1/tenants/{tenant}/artifacts/{artifact}") { try await artifact($0) }
        router.on(.get, "/internal/v1/tenants/{tenant}/envelopes/{envelope}/audit") { try await audit($0) }
        return router
    }

    /// The bytes of an artifact, or of a range of it: from the evidence when they are there, else as the caller's
    /// reference says from the working area.
    private func artifact(_ request: HTTPRequest) async throws -> HTTPResponse {
        guard isAllowed(request) else { return .text("401\n", status: 401) }
        guard let reference = Self.reference(request) else { return .text("400\n", status: 400) }
        let kept = try await EvidenceIndex.find(reference.artifactID, tenant: reference.tenantID, in: pool)
        let source: any ByteSource
        do {
            source = try await store.open(StoredObject(kept ?? reference), in: kept == nil ? .working : .evidence)
        } catch StorageError.notFound {
            return .text("404\n", status: 404)
        }
        guard let range = Self.range(request, size: source.size) else { return .text("416\n", status: 416) }
        let cursor = ReadCursor(position: range.lowerBound, end: range.upperBound)
        var headers = [("Content-Type", "application/octet-stream")]
        if range.count != source.size {
            headers.append(("Content-Range", "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(source.size)"))
        }
        return HTTPResponse(
            status: range.count == source.size ? 200 : 206, headers: headers,
            body: .stream(length: range.count) { maximum in
                let piece = cursor.take(min(maximum, Self.pieceBytes))
                return piece.isEmpty ? [] : try await store.bytes(in: piece, of: source)
            })
    }

    private func audit(_ request: HTTPRequest) async throws -> HTTPResponse {
        guard isAllowed(request) else { return .text("401\n", status: 401) }
        guard let tenant = request.pathParameters["tenant"].flatMap({ TenantID($0) }),
            let envelope = request.pathParameters["envelope"].flatMap({ EnvelopeID($0) })
        else { return .text("400\n", status: 400) }
        let trail = AuditTrail(pool: pool, seal: seal, files: files)
        guard let export = try await trail.export(envelope, tenant: tenant) else { return .text("404\n", status: 404) }
        let format = request.queryValue("format").flatMap(AuditTrailFormat.init) ?? .json
        return HTTPResponse(
            status: 200, headers: [("Content-Type", format.contentType)], body: .bytes(format.bytes(of: export)))
    }

    private func isAllowed(_ request: HTTPRequest) -> Bool {
        guard let header = request.header("authorization"), header.hasPrefix("Bearer ") else { return false }
        return (try? identity.verify(String(header.dropFirst(7)), at: clock.now())) == "intake"
    }

    private static func reference(_ request: HTTPRequest) -> ObjectReference? {
        guard let tenant = request.pathParameters["tenant"].flatMap({ TenantID($0) }),
            let artifact = request.pathParameters["artifact"].flatMap({ ArtifactID($0) }),
            let digest = request.queryValue("sha256").flatMap({ ContentDigest(hex: $0) }),
            let size = request.queryValue("size").flatMap({ Int($0) }), size >= 0,
            let key = request.queryValue("data_key_id").flatMap({ DataKeyID($0) })
        else { return nil }
        return ObjectReference(tenantID: tenant, artifactID: artifact, sha256: digest, size: size, dataKeyID: key)
    }

    /// One range of bytes (RFC 9110, 14.2); the whole for none or several; nil for one that lies outside.
    private static func range(_ request: HTTPRequest, size: Int) -> Range<Int>? {
        guard let header = request.header("range"), header.hasPrefix("bytes="), !header.contains(",") else {
            return 0..<size
        }
        let parts = header.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return 0..<size }
        if parts[0].isEmpty {
            guard let suffix = Int(parts[1]), suffix > 0, size > 0 else { return nil }
            return max(0, size - suffix)..<size
        }
        guard let start = Int(parts[0]), start < size else { return nil }
        guard !parts[1].isEmpty else { return start..<size }
        guard let last = Int(parts[1]), last >= start else { return nil }
        return start..<min(last + 1, size)
    }
}
