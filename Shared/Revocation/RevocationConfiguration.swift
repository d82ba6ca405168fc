// SPDX-License-Identifier: Apache-2.0
package import Cryptography

/// Where trust begins, and what fetching validation data may cost.
package struct RevocationConfiguration: Sendable {
    /// Where paths end; empty takes the self-signed certificates that come with what is checked.
    package var anchors: [Certificate]
    /// For one request.
    package var timeoutSeconds = 5.0
    /// Larger OCSP responses are refused.
    package var maximumResponseBytes = 65_536
    /// Larger revocation lists are refused.
    package var maximumListBytes = 10 << 20
    /// Issuers fetched to complete one path.
    package var maximumFetchedIssuers = 4
    /// Data older than this are fetched again although there is nothing newer to be expected.
    package var cacheSeconds = 3_600.0
    /// Certificates whose data are kept.
    package var maximumCachedCertificates = 4_096
    /// How far a source's clock may be ahead or behind.
    package var clockToleranceSeconds = 300.0
    /// Refuses addresses of private networks and of this machine: certificates are written by others.
    package var refusesInternalAddresses = true

    /// Limits that suit public authorities.
    package init(anchors: [Certificate] = []) {
        self.anchors = anchors
    }
}
