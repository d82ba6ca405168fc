// SPDX-License-Identifier: Apache-2.0

/// The immutable settings of one service, read once at start.
package protocol ServiceConfiguration: Sendable {
    /// What the service's own variables begin with, as in `INTAKE_`; unknown ones with it are refused.
    static var keyPrefix: String { get }

    /// Every key of the service, in the order in which `--help` prints them.
    static var keys: [any ConfigurationKeyDescription] { get }

    /// Reads all keys; mistakes stay in the reader.
    init(reader: inout ConfigurationReader)
}
