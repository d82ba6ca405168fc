// SPDX-License-Identifier: Apache-2.0
import Clocks
import Cryptography

/// Until when an algorithm proves anything (EN 319 102-1, 5.2.8).
///
/// The dates are those that ETSI TS 119 312 and its predecessor TS 102 176-1 gave when they withdrew an algorithm; for
/// what they still recommend there is none. A signature that is proven to be older than the date stands.
///
/// | algorithm | until the end of |
/// |---|---|
/// | MD5 | 2004 |
/// | SHA-1 | 2012 |
/// | SHA-224 | 2025 |
/// | RSA and DSA below 1024 bits | never |
/// | RSA and DSA below 1536 bits | 2010 |
/// | RSA and DSA below 1900 bits | 2016 |
/// | elliptic curves below 224 bits | 2013 |
/// | elliptic curves below 256 bits | 2020 |
enum AlgorithmConstraints {
    /// Why the algorithms of a signature do not stand at a time; nil when they do.
    /// - Parameter time: When the signature is proven to have existed at the latest.
    static func shortcoming(
        of algorithm: SignatureAlgorithm?, key: KeyKind, at time: Instant, isProven: Bool, what: String
    ) -> Shortcoming? {
        guard let algorithm else {
            return Shortcoming(.cryptoConstraintsFailure, "\(what) uses an algorithm that is not known here.")
        }
        let limits = [
            (end(of: algorithm.digest), algorithm.digest.rawValue),
            (end(of: key), "\(key)"),
        ]
        for case (let end?, let name) in limits where time >= end.start {
            guard end.year > 0, !isProven else {
                return Shortcoming(
                    .cryptoConstraintsFailure,
                    end.year > 0
                        ? "\(what) was made with \(name) when that proved nothing any more (since \(end.year + 1))."
                        : "\(what) was made with \(name), which never proved anything.")
            }
            return Shortcoming(
                .cryptoConstraintsFailureNoPOE,
                "\(what) was made with \(name), and nothing proves that this was before \(end.year + 1).")
        }
        return nil
    }

    /// The last year in which something was good; 0 for never.
    private struct End {
        let year: Int

        var start: Instant {
            Instant(rfc3339: year > 0 ? "\(year + 1)-01-01T00:00:00Z" : "1970-01-01T00:00:00Z")
                ?? Instant(microseconds: 0)
        }
    }

    private static func end(of digest: DigestAlgorithm) -> End? {
        switch digest {
        case .md5: End(year: 2004)
        case .sha1: End(year: 2012)
        case .sha224: End(year: 2025)
        case .sha256, .sha384, .sha512, .sha3x256, .sha3x384, .sha3x512: nil
        }
    }

    private static func end(of key: KeyKind) -> End? {
        switch key {
        case .rsa(let bits), .other("rsa-pss", let bits), .other("dsa", let bits):
            switch bits {
            case ..<1_024: End(year: 0)
            case ..<1_536: End(year: 2010)
            case ..<1_900: End(year: 2016)
            default: nil
            }
        case .p256, .p384, .p521, .ed25519: nil
        case .other(_, let bits):
            switch bits {
            case ..<160: End(year: 0)
            case ..<224: End(year: 2013)
            case ..<256: End(year: 2020)
            default: nil
            }
        }
    }
}
