// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Envelopes
import HTTPClient
import HTTPServer
import Keys
import ServiceAPI
import Synchronization

/// The vault's retrieval API: audit trails and the bytes of finished and working files.
struct VaultClient: Sendable {
    private static let timeoutSeconds = 600.0

    let session: HTTPSession
    /// Without a slash at the end.
    let url: String
    let identity: ServiceIdentity
    let clock: BusinessClock

    /// A file as a streamed answer, bytes as the client takes them.
    ///
    /// - Parameter range: A `Range` header to pass on; the answer is then 206 with `Content-Range`.
    /// - Throws: `ProblemDetails` when there is no such file, the range lies outside, or the vault does not answer.
    func file(
        _ object: ObjectReference, range: String? = nil, headers: [(String, String)]
    ) async throws -> HTTPResponse {
        let path =
            "/internal/v1/tenants/\(object.tenantID)/artifacts/\(object.artifactID)"
            + "?sha256=\(object.sha256.hex)&size=\(object.size)&data_key_id=\(object.dataKeyID)"
        var request = request(path, maximumBytes: max(object.size, 1 << 16))
        if let range { request.headers.append(("Range", range)) }
        let stream = try await open(request)
        var headers = headers
        switch stream.status {
        case 200: break
        case 206: if let value = stream.header("content-range") { headers.append(("Content-Range", value)) }
        case 404: throw ProblemDetails(.artifactGone, "The file was disposed of; the audit trail says when.")
        case 416:
            throw ProblemDetails(
                .rangeNotSatisfiable, "The file has \(object.size) bytes.",
                headers: [("Content-Range", "bytes */\(object.size)")])
        default: throw Self.unavailable
        }
        guard let length = stream.header("content-length").flatMap({ Int($0) }) else { throw Self.unavailable }
        let rest = PendingBytes()
        return HTTPResponse(
            status: stream.status, headers: headers,
            body: .stream(length: length) { maximum in
                try await rest.next(maximum) { try await stream.nextChunk() }
            })
    }

    /// The audit trail of an envelope in one of the formats of the API; nil while the vault has not seen it yet.
    func auditTrail(
        of envelope: EnvelopeID, tenant: TenantID, format: String
    ) async throws -> (contentType: String, bytes: [UInt8])? {
        let path = "/internal/v1/tenants/\(tenant)/envelopes/\(envelope)/audit?format=\(format)"
        let response: HTTPClientResponse
        do {
            response = try await session.send(request(path, maximumBytes: 64 << 20))
        } catch {
            throw Self.problem(for: error)
        }
        switch response.status {
        case 200: return (response.header("content-type") ?? "application/json", response.body)
        case 404: return nil
        default: throw Self.unavailable
        }
    }

    private func open(_ request: HTTPClientRequest) async throws -> HTTPClientStream {
        do {
            return try await session.stream(request)
        } catch {
            throw Self.problem(for: error)
        }
    }

    private func request(_ path: String, maximumBytes: Int) -> HTTPClientRequest {
        var request = HTTPClientRequest(
            url: url + path, headers: [("Authorization", "Bearer \(identity.token(for: "vault", at: clock.now()))")],
            timeoutSeconds: Self.timeoutSeconds, maximumResponseBytes: maximumBytes)
        request.propagatesTrace = true
        return request
    }

    private static func problem(for error: HTTPClientError) -> any Error {
        error == .cancelled ? CancellationError() : unavailable
    }

    private static let unavailable = ProblemDetails(
        .unavailable, "The archive does not answer; send the same request again.", retryAfterSeconds: 5)
}

/// What is left of the chunk that arrived last, because a client may take less than a chunk.
private final class PendingBytes: Sendable {
    private let bytes = Mutex<ArraySlice<UInt8>>([])

    func next(_ maximum: Int, _ read: () async throws -> [UInt8]?) async throws -> [UInt8] {
        let waiting = take(maximum)
        if !waiting.isEmpty { return waiting }
        guard let chunk = try await read() else { return [] }
        if chunk.count <= maximum { return chunk }
        bytes.withLock { $0 = chunk[...] }
        return take(maximum)
    }

    private func take(_ maximum: Int) -> [UInt8] {
        bytes.withLock { bytes in
            let taken = Array(bytes.prefix(maximum))
            bytes = bytes.dropFirst(taken.count)
            return taken
        }
    }
}
