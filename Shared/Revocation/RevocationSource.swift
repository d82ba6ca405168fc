// SPDX-License-Identifier: Apache-2.0
import Clocks
import Cryptography
import Foundation
import HTTPClient

/// Fetches and verifies the status of one certificate from the places that it names.
struct RevocationSource: Sendable {
    private static let maximumAddresses = 3
    /// Longer GET requests are not cached on the way (RFC 5019, 5).
    private static let maximumGetBytes = 255
    /// How old a statement may be that does not say when there will be a newer one.
    private static let maximumAgeSeconds = 86_400.0

    let configuration: RevocationConfiguration
    let session: HTTPSession
    let clock: BusinessClock
    let lists: RevocationCache<String, RevocationList>

    /// OCSP first, then lists; a responder's own certificate is looked up in lists first, since it would speak for itself.
    func evidence(
        for certificate: Certificate, issuer: Certificate, listsFirst: Bool, deadline: ContinuousClock.Instant
    ) async throws(RevocationError) -> RevocationEvidence {
        let subject = certificate.subject.commonName ?? "unnamed"
        var last = RevocationFailure.noAddress
        for usesLists in listsFirst ? [true, false] : [false, true] {
            let addresses = usesLists ? certificate.addresses.revocationLists : certificate.addresses.ocsp
            for address in addresses.filter(Self.isHTTP).prefix(Self.maximumAddresses) {
                let found: (status: RevocationStatus, evidence: RevocationEvidence)
                do throws(RevocationFailure) {
                    found =
                        usesLists
                        ? try await self.list(at: address, certificate: certificate, issuer: issuer, deadline)
                        : try await self.response(at: address, certificate: certificate, issuer: issuer, deadline)
                } catch {
                    if error == .transport(.cancelled) { throw .cancelled }
                    last = error
                    continue
                }
                switch found.status {
                case .good: return found.evidence
                case .unknown: last = .unknown
                case .revoked(let time, let reason): throw .revoked(subject: subject, at: time, reason: reason)
                }
            }
        }
        throw .noStatus(subject: subject, last)
    }

    /// A certificate from an address of caIssuers, as DER or PEM.
    func issuer(at address: String, deadline: ContinuousClock.Instant) async throws(RevocationFailure) -> Certificate {
        guard Self.isHTTP(address) else { throw .noAddress }
        let body = try await fetch(HTTPClientRequest(url: address, maximumResponseBytes: 65_536), deadline)
        if let certificate = try? Certificate(der: body) { return certificate }
        guard let certificate = try? Certificate.certificates(pem: body).first else { throw .unreadable }
        return certificate
    }

    // MARK: OCSP

    private func response(
        at address: String, certificate: Certificate, issuer: Certificate, _ deadline: ContinuousClock.Instant
    ) async throws(RevocationFailure) -> (RevocationStatus, RevocationEvidence) {
        guard let request = try? OCSPRequest(certificate: certificate, issuer: issuer, nonce: false) else {
            throw .unusable
        }
        let body = try await answer(from: address, to: request, deadline)
        guard let response = try? OCSPResponse(der: body) else { throw .unreadable }
        guard response.status == .successful else { throw .refused }
        guard let entry = response.entry(for: certificate, issuer: issuer),
            let responder = try? response.verify(issuer: issuer)
        else { throw .unusable }
        try checkTime(thisUpdate: entry.thisUpdate, nextUpdate: entry.nextUpdate)
        return (
            entry.status,
            RevocationEvidence(source: .response(response, responder: responder), nextUpdate: entry.nextUpdate)
        )
    }

    /// By GET where the request is short, which proxies can cache; by POST where that is refused.
    private func answer(
        from address: String, to request: OCSPRequest, _ deadline: ContinuousClock.Instant
    ) async throws(RevocationFailure) -> [UInt8] {
        let base64 = Data(request.der).base64EncodedString()
        let path = base64.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? base64
        let url = address.hasSuffix("/") ? address + path : "\(address)/\(path)"
        if url.utf8.count <= Self.maximumGetBytes {
            do throws(RevocationFailure) {
                return try await fetch(
                    HTTPClientRequest(url: url, maximumResponseBytes: configuration.maximumResponseBytes), deadline)
            } catch {
                guard case .status = error else { throw error }
            }
        }
        return try await fetch(
            HTTPClientRequest(
                method: "POST", url: address, headers: [("Content-Type", "application/ocsp-request")],
                body: request.der, maximumResponseBytes: configuration.maximumResponseBytes), deadline)
    }

    // MARK: Lists

    private func list(
        at address: String, certificate: Certificate, issuer: Certificate, _ deadline: ContinuousClock.Instant
    ) async throws(RevocationFailure) -> (RevocationStatus, RevocationEvidence) {
        let now = clock.now()
        let known = lists.value(for: address, at: now)
        let list: RevocationList
        if let known {
            list = known
        } else {
            let body = try await fetch(
                HTTPClientRequest(url: address, maximumResponseBytes: configuration.maximumListBytes), deadline)
            guard let read = try? RevocationList(der: body) else { throw .unreadable }
            list = read
        }
        guard let status = try? list.status(of: certificate, issuer: issuer) else { throw .unusable }
        try checkTime(thisUpdate: list.thisUpdate, nextUpdate: list.nextUpdate)
        if known == nil {
            lists.keep(list, for: address, until: cacheEnd(now, nextUpdate: list.nextUpdate))
        }
        return (status, RevocationEvidence(source: .list(list), nextUpdate: list.nextUpdate))
    }

    func cacheEnd(_ now: Instant, nextUpdate: Instant?) -> Instant {
        let latest = now.advanced(bySeconds: configuration.cacheSeconds)
        return nextUpdate.map { min($0, latest) } ?? min(latest, now.advanced(bySeconds: 60))
    }

    private func checkTime(thisUpdate: Instant, nextUpdate: Instant?) throws(RevocationFailure) {
        let now = clock.now()
        let latest = nextUpdate ?? thisUpdate.advanced(bySeconds: Self.maximumAgeSeconds)
        guard thisUpdate.seconds(since: now) <= configuration.clockToleranceSeconds,
            now.seconds(since: latest) <= configuration.clockToleranceSeconds
        else { throw .outdated }
    }

    // MARK: HTTP

    private static func isHTTP(_ address: String) -> Bool {
        let start = address.prefix(8).lowercased()
        return start.hasPrefix("http://") || start.hasPrefix("https://")
    }

    private func fetch(
        _ request: HTTPClientRequest, _ deadline: ContinuousClock.Instant
    ) async throws(RevocationFailure) -> [UInt8] {
        let left = ContinuousClock.now.duration(to: deadline)
        let seconds = Double(left.components.seconds) + Double(left.components.attoseconds) / 1e18
        guard seconds > 0 else { throw .transport(.timedOut) }
        var request = request
        request.timeoutSeconds = min(configuration.timeoutSeconds, seconds)
        request.refusesInternalAddresses = configuration.refusesInternalAddresses
        let response: HTTPClientResponse
        do throws(HTTPClientError) {
            response = try await session.send(request)
        } catch {
            throw .transport(error)
        }
        guard response.status == 200 else { throw .status(response.status) }
        return response.body
    }
}
