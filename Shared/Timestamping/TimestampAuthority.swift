// SPDX-License-Identifier: Apache-2.0
package import Cryptography

/// One RFC 3161 authority over HTTP (RFC 3161, 3.4).
package struct TimestampAuthority: Sendable {
    /// Absolute, http or https.
    package var url: String
    /// The dotted OID of the policy to ask for; nil takes the authority's own.
    package var policy: String?
    /// Sent with each request, for authorities that want to know who asks.
    package var headers: [(String, String)]
    /// From the request to the last byte of the answer.
    package var timeoutSeconds: Double

    /// An authority that is asked without further conditions.
    package init(
        url: String, policy: String? = nil, headers: [(String, String)] = [], timeoutSeconds: Double = 5
    ) {
        self.url = url
        self.policy = policy
        self.headers = headers
        self.timeoutSeconds = timeoutSeconds
    }
}

/// Which authorities are asked, and what is expected of them.
package struct TimestampConfiguration: Sendable {
    /// In the order in which they are tried.
    package var authorities: [TimestampAuthority]
    /// What imprints are made with: SHA-256, SHA-384 or SHA-512.
    package var algorithm: DigestAlgorithm
    /// Where an authority's certificate has to lead to; empty asks for no path.
    package var anchors: [Certificate]
    /// How far a token's time may lie from this machine's.
    package var clockToleranceSeconds = 300.0
    /// After so many failures in a row an authority rests.
    package var failuresBeforeRest = 3
    /// The first rest; each further failure doubles it, to five minutes.
    package var restSeconds = 10.0
    /// How often all of them are tried while there is time, with a growing pause between.
    package var maximumRounds = 3

    /// Takes authorities in order.
    package init(
        authorities: [TimestampAuthority], algorithm: DigestAlgorithm = .sha256, anchors: [Certificate] = []
    ) {
        self.authorities = authorities
        self.algorithm = algorithm
        self.anchors = anchors
    }
}
