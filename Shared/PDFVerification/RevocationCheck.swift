// SPDX-License-Identifier: Apache-2.0
import Clocks
import Cryptography

/// What the revocation data of a document say about one certificate at a time (EN 319 102-1, 5.2.5 and 5.6.2.2).
struct RevocationCheck {
    /// The answer for one certificate.
    enum Finding: Equatable {
        /// Not revoked at that time; the offset of the data that say so.
        case good(offset: Int)
        case revoked(since: Instant)
        /// Nothing in the file answers for that time.
        case unknown
    }

    /// How long data without a date for newer ones are taken to hold.
    private static let freshnessSeconds = 86_400.0

    let data: ValidationData

    /// What is known about a certificate.
    /// - Parameter time: When the signature is proven to have existed, or now.
    /// - Parameter isProven: A revocation later than a proven time does not matter (EN 319 102-1, 5.6.2.4).
    func finding(
        for certificate: Certificate, issuer: Certificate, at time: Instant, isProven: Bool
    ) -> Finding {
        var best = Finding.unknown
        for statement in statements(about: certificate, issuer: issuer) {
            switch statement.status {
            case .revoked(let since, _):
                if since <= time || !isProven { return .revoked(since: since) }
                if best == .unknown { best = .good(offset: statement.offset) }
            case .good:
                if best == .unknown, statement.holds(at: time, for: certificate) {
                    best = .good(offset: statement.offset)
                }
            case .unknown: continue
            }
        }
        return best
    }

    /// One thing that was said by who may say it.
    private struct Statement {
        let status: RevocationStatus
        let thisUpdate: Instant
        let nextUpdate: Instant?
        /// Since when expired certificates are still answered for.
        let rememberedSince: Instant?
        let offset: Int

        /// Good counts from data made after the time, or still current then, and made while the certificate was
        /// answered for.
        func holds(at time: Instant, for certificate: Certificate) -> Bool {
            let until = nextUpdate ?? thisUpdate.advanced(bySeconds: RevocationCheck.freshnessSeconds)
            guard thisUpdate >= time || until >= time else { return false }
            return thisUpdate <= certificate.notAfter || rememberedSince.map { $0 <= certificate.notAfter } ?? false
        }
    }

    private func statements(about certificate: Certificate, issuer: Certificate) -> [Statement] {
        var found: [Statement] = []
        for placed in data.responses {
            let response = placed.value
            guard let entry = response.entry(for: certificate, issuer: issuer),
                let responder = try? response.verify(issuer: issuer, candidates: data.certificates),
                isUsable(responder, issuer: issuer)
            else { continue }
            found.append(
                Statement(
                    status: entry.status, thisUpdate: entry.thisUpdate, nextUpdate: entry.nextUpdate,
                    rememberedSince: entry.archiveCutoff, offset: placed.offset))
        }
        for placed in data.lists where placed.value.issuerDER == issuer.subjectDER {
            guard let status = try? placed.value.status(of: certificate, issuer: issuer) else { continue }
            found.append(
                Statement(
                    status: status, thisUpdate: placed.value.thisUpdate, nextUpdate: placed.value.nextUpdate,
                    rememberedSince: placed.value.expiredSince, offset: placed.offset))
        }
        return found
    }

    /// A delegated responder whose own certificate a list calls revoked says nothing any more.
    private func isUsable(_ responder: Certificate, issuer: Certificate) -> Bool {
        guard responder != issuer, !responder.hasNoCheck else { return true }
        return !data.lists.contains { placed in
            guard placed.value.issuerDER == issuer.subjectDER,
                case .revoked? = try? placed.value.status(of: responder, issuer: issuer)
            else { return false }
            return true
        }
    }
}
