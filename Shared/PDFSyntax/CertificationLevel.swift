// SPDX-License-Identifier: Apache-2.0

/// What a certified document permits afterwards (ISO 32000-2, 12.8.2.2, Table 257); raw values are those of `/P`.
package enum CertificationLevel: Int, Sendable, CaseIterable, Comparable {
    /// Nothing but validation data and document timestamps (12.8.5).
    case noChanges = 1
    /// Also filling in fields and signing.
    case formFilling = 2
    /// Also annotations.
    case annotations = 3

    /// The stricter one is less.
    package static func < (left: CertificationLevel, right: CertificationLevel) -> Bool {
        left.rawValue < right.rawValue
    }
}
