// SPDX-License-Identifier: Apache-2.0

/// Gets the timestamp of a signature value, which has to be there before the revision is written (PAdES B-T).
package struct SignatureTimestamping: Sendable {
    /// Gets the signature value and gives a TimeStampToken over its digest; nil when none could be had in time, which
    /// leaves the revision at B-B.
    package typealias Token = @Sendable (_ signature: [UInt8]) async throws -> [UInt8]?

    /// What a token of this authority is expected to have; one that turns out larger costs a second signature.
    package let expectedBytes: Int
    /// Asks for a token.
    package let token: Token

    /// Pairs the estimate with the call.
    package init(expectedBytes: Int, token: @escaping Token) {
        self.expectedBytes = expectedBytes
        self.token = token
    }
}
