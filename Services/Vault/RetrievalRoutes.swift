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
        var router = Router()
        router.on(.get, "/internal/v1/tenants/{tenant}/artifacts/{artifact}") { try await artifact($0) }
        router.on(.get, "/internal/v1/tenants/{tenant}/envelopes/{envelope}/audit") { try await audit($0) }
        return router
    }

    /// The bytes of an artifact, or of a range of it: from the evidence when they are there, else as the caller's
    /// reference says from the working area.
    private func artifact(_ request: HTTPRequest) async throws -> HTTPResponse {
        guard isAllowed(request) else { return Self.unauthorized }
        guard let reference = Self.reference(request) else { return .text("400\n", status: 400) }
        let kept = try await EvidenceIndex.find(reference.artifactID, tenant: reference.tenantID, in: pool)
        let source: any ByteSource
        do {
            source = try await store.open(StoredObject(kept ?? reference), in: kept == nil ? .working : .evidence)
        } catch StorageError.notFound, StorageError.keys(.noDataKey) {
            return .text("404\n", status: 404)
        }
        let size = source.size
        let range: Range<Int>
        var isPart = false
        switch RequestedRange(header: request.header("range"), size: size) {
        case .whole: range = 0..<size
        case .part(let part):
            range = part
            isPart = true
        case .unsatisfiable:
            var response = HTTPResponse.text("416\n", status: 416)
            response.headers.append(("Content-Range", "bytes */\(size)"))
            return response
        }
        let cursor = ReadCursor(position: range.lowerBound, end: range.upperBound)
        var headers = [("Content-Type", "application/octet-stream"), ("Accept-Ranges", "bytes")]
        if isPart {
            headers.append(("Content-Range", "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(size)"))
        }
        return HTTPResponse(
            status: isPart ? 206 : 200, headers: headers,
            body: .stream(length: range.count) { maximum in
                let piece = cursor.take(min(maximum, Self.pieceBytes))
                return piece.isEmpty ? [] : try await store.bytes(in: piece, of: source)
            })
    }

    private func audit(_ request: HTTPRequest) async throws -> HTTPResponse {
        guard isAllowed(request) else { return Self.unauthorized }
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

    private static var unauthorized: HTTPResponse {
        var response = HTTPResponse.text("401\n", status: 401)
        response.headers.append(("WWW-Authenticate", "Bearer"))
        return response
    }
}
