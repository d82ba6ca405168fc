// SPDX-License-Identifier: Apache-2.0
package import Clocks
package import Cryptography
package import HTTPClient

/// Collects what proves, later and offline, that the certificates of a signature or a timestamp were good.
///
/// Nothing is taken over unverified: signatures, who may speak for whom, and times are checked before. Safe to share.
package final class RevocationClient: Sendable {
    private let configuration: RevocationConfiguration
    private let source: RevocationSource
    private let clock: BusinessClock
    private let evidence: RevocationCache<CertificateKey, RevocationEvidence>
    private let paths: RevocationCache<[UInt8], ValidationData>

    /// Fetches nothing yet.
    package init(_ configuration: RevocationConfiguration, session: HTTPSession, clock: BusinessClock) {
        self.configuration = configuration
        self.clock = clock
        source = RevocationSource(
            configuration: configuration, session: session, clock: clock,
            lists: RevocationCache(maximumEntries: max(1, configuration.maximumCachedCertificates / 64)))
        evidence = RevocationCache(maximumEntries: configuration.maximumCachedCertificates)
        paths = RevocationCache(maximumEntries: configuration.maximumCachedCertificates)
    }

    /// The path of a certificate and the status of each of its members, also of those who answered for them.
    /// - Parameter candidates: Where to look for issuers before they are fetched.
    /// - Parameter budgetSeconds: For all fetches together.
    /// - Throws: `RevocationError`; `revoked` when any of them is.
    package func validationData(
        for leaf: Certificate, candidates: [Certificate], budgetSeconds: Double
    ) async throws(RevocationError) -> ValidationData {
        let now = clock.now()
        if let known = paths.value(for: leaf.sha256, at: now) { return known }
        let deadline = ContinuousClock.now + .seconds(budgetSeconds)
        let path = try await self.path(of: leaf, candidates: candidates, at: now, deadline: deadline)
        var data = ValidationData()
        for certificate in path.certificates { data.add(certificate) }
        var seen: Set<Certificate> = []
        for link in path.links {
            try await prove(
                link.certificate, issuer: link.issuer, isResponder: false, deadline: deadline, &seen, &data)
        }
        paths.keep(data, for: leaf.sha256, until: source.cacheEnd(now, nextUpdate: data.currentUntil))
        return data
    }

    /// The path to an anchor with fetched issuers where some are missing; the chain that goes into new signatures.
    /// - Throws: `RevocationError.noPath`, or `cancelled`.
    package func path(
        of leaf: Certificate, candidates: [Certificate], budgetSeconds: Double
    ) async throws(RevocationError) -> CertificatePath {
        try await path(
            of: leaf, candidates: candidates, at: clock.now(),
            deadline: ContinuousClock.now + .seconds(budgetSeconds))
    }

    private func prove(
        _ certificate: Certificate, issuer: Certificate, isResponder: Bool, deadline: ContinuousClock.Instant,
        _ seen: inout Set<Certificate>, _ data: inout ValidationData
    ) async throws(RevocationError) {
        guard seen.insert(certificate).inserted else { return }
        let now = clock.now()
        let key = CertificateKey(certificate, issuer: issuer)
        let found: RevocationEvidence
        if let known = evidence.value(for: key, at: now) {
            found = known
        } else {
            found = try await source.evidence(
                for: certificate, issuer: issuer, listsFirst: isResponder, deadline: deadline)
            evidence.keep(found, for: key, until: source.cacheEnd(now, nextUpdate: found.nextUpdate))
        }
        data.add(found)
        if case .response(_, let responder) = found.source, responder != issuer {
            data.add(responder)
            // The issuer declares that it answers for its responder by short validity (RFC 6960, 4.2.2.2.1).
            guard !responder.hasNoCheck else { return }
            try await prove(
                responder, issuer: issuer, isResponder: true, deadline: deadline, &seen, &data)
        }
    }

    // MARK: Paths

    private func path(
        of leaf: Certificate, candidates: [Certificate], at now: Instant, deadline: ContinuousClock.Instant
    ) async throws(RevocationError) -> CertificatePath {
        var candidates = candidates
        var top = Self.top(from: leaf, among: candidates)
        for _ in 0...configuration.maximumFetchedIssuers {
            let anchors =
                configuration.anchors.isEmpty ? candidates.filter(\.isSelfSigned) : configuration.anchors
            if let path = try? CertificatePath.find(leaf: leaf, candidates: candidates, anchors: anchors, at: now) {
                return path
            }
            guard !top.isSelfSigned, let next = try await fetchIssuer(of: top, deadline: deadline),
                !candidates.contains(next)
            else { break }
            candidates.append(next)
            top = Self.top(from: next, among: candidates)
        }
        // Without anchors of one's own the last issuer that could be found is where the path ends.
        if configuration.anchors.isEmpty, top != leaf,
            let path = try? CertificatePath.find(leaf: leaf, candidates: candidates, anchors: [top], at: now)
        {
            return path
        }
        throw .noPath(subject: leaf.subject.commonName ?? "unnamed")
    }

    private func fetchIssuer(
        of certificate: Certificate, deadline: ContinuousClock.Instant
    ) async throws(RevocationError) -> Certificate? {
        for address in certificate.addresses.issuers.prefix(2) {
            do throws(RevocationFailure) {
                let issuer = try await source.issuer(at: address, deadline: deadline)
                if issuer.subjectDER == certificate.issuerDER, certificate.isSigned(by: issuer.publicKey) {
                    return issuer
                }
            } catch {
                if error == .transport(.cancelled) { throw .cancelled }
            }
        }
        return nil
    }

    /// As far up as the candidates lead.
    private static func top(from certificate: Certificate, among candidates: [Certificate]) -> Certificate {
        var top = certificate
        for _ in 0...candidates.count where top.issuerDER != top.subjectDER {
            guard let next = candidates.first(where: { $0.subjectDER == top.issuerDER && $0 != top }) else { break }
            top = next
        }
        return top
    }
}
