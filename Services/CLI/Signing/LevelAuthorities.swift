// SPDX-License-Identifier: Apache-2.0
import Clocks
import Cryptography
import HTTPClient
import PDFSigning
import Revocation
import Timestamping

/// Who is asked for what the levels above B-B need; shared by all files of a run, so that an authority that is down
/// rests for all of them, and what was fetched once is not fetched again.
struct LevelAuthorities {
    /// For all authorities together and one timestamp.
    private static let timestampBudgetSeconds = 10.0
    /// For the validation data of one signature.
    private static let revocationBudgetSeconds = 30.0

    private let level: SignatureLevel
    private let timestamps: TimestampAuthorityClient?
    private let revocation: RevocationClient?

    /// - Throws: `CommandFailure` when a trusted certificate cannot be read or HTTP cannot be started.
    init(_ options: SignOptions) throws(CommandFailure) {
        level = options.level
        guard options.level > .basic else {
            timestamps = nil
            revocation = nil
            return
        }
        let anchors: [Certificate]
        do throws(UsageError) {
            anchors = try TrustAnchors.read(options.trustPaths)
        } catch {
            throw CommandFailure(error.message)
        }
        do throws(HTTPClientError) {
            let session = try HTTPSession()
            timestamps = TimestampAuthorityClient(
                TimestampConfiguration(
                    authorities: options.authorities.map { TimestampAuthority(url: $0) }, anchors: anchors),
                session: session, clock: .system)
            var configuration = RevocationConfiguration(anchors: anchors)
            configuration.refusesInternalAddresses = !options.allowsInternalAddresses
            revocation =
                options.level >= .longTerm
                ? RevocationClient(configuration, session: session, clock: .system) : nil
        } catch {
            throw CommandFailure("no authority can be asked: \(error)")
        }
    }

    func signer(with credential: SigningCredential) -> LevelSigner {
        LevelSigner(
            credential: credential, level: level, timestamps: timestamps, revocation: revocation,
            timestampBudgetSeconds: Self.timestampBudgetSeconds, revocationBudgetSeconds: Self.revocationBudgetSeconds)
    }
}
