// SPDX-License-Identifier: Apache-2.0
package import Clocks
package import Cryptography

/// What proves that certificates were good, each piece once (EN 319 142-1, 5.4.2).
package struct ValidationData: Sendable, Equatable {
    /// Certificates of all paths, anchors included, and of OCSP responders.
    package private(set) var certificates: [Certificate] = []
    /// Verified responses.
    package private(set) var responses: [OCSPResponse] = []
    /// Verified lists.
    package private(set) var lists: [RevocationList] = []
    /// When the first piece is outdated; nil where nothing is said.
    package private(set) var currentUntil: Instant?

    /// Proves nothing.
    package init() {}

    /// Adds what is not there yet.
    package mutating func add(_ other: ValidationData) {
        for certificate in other.certificates { add(certificate) }
        for response in other.responses where !responses.contains(response) { responses.append(response) }
        for list in other.lists where !lists.contains(list) { lists.append(list) }
        limit(to: other.currentUntil)
    }

    /// Adds a certificate that is not there yet.
    package mutating func add(_ certificate: Certificate) {
        if !certificates.contains(certificate) { certificates.append(certificate) }
    }

    mutating func add(_ evidence: RevocationEvidence) {
        switch evidence.source {
        case .response(let response, _):
            if !responses.contains(response) { responses.append(response) }
        case .list(let list):
            if !lists.contains(list) { lists.append(list) }
        }
        limit(to: evidence.nextUpdate)
    }

    private mutating func limit(to time: Instant?) {
        guard let time else { return }
        currentUntil = currentUntil.map { min($0, time) } ?? time
    }
}

/// A verified statement that one certificate is good.
struct RevocationEvidence: Sendable {
    enum Source: Sendable {
        case response(OCSPResponse, responder: Certificate)
        case list(RevocationList)
    }

    let source: Source
    let nextUpdate: Instant?
}
