// SPDX-License-Identifier: Apache-2.0
import Clocks
import Cryptography
import Envelopes
import HTTPClient
import Metrics
import PDFSigning
import PDFSyntax
import Revocation
import Timestamping

/// Who is asked for what the levels above B-B need; none of them is needed for a signature.
struct SigningAuthorities: Sendable {
    /// Kept in a signature for a token, the same in every process, unlike what a client has learnt: the place is part of
    /// what is signed, and a repeat after a crash has to sign the same.
    static let tokenBytes = 10_240
    /// For one document timestamp, behind the completion, where nobody waits.
    private static let documentTimestampSeconds = 10.0
    /// For the validation data of one signature.
    private static let revocationSeconds = 20.0

    private let timestamps: TimestampAuthorityClient
    private let raising: LevelRaising
    private let budgetSeconds: Double
    private let outcomes: Counter

    /// - Parameter budgetSeconds: For the timestamp inside a signature; 0 asks nobody.
    /// - Parameter outcomes: Counts the timestamps that were wanted, by `outcome`.
    init(
        timestamps: TimestampConfiguration, revocation: RevocationConfiguration, budgetSeconds: Double,
        session: HTTPSession, clock: BusinessClock, outcomes: Counter
    ) {
        let client = TimestampAuthorityClient(timestamps, session: session, clock: clock)
        self.timestamps = client
        raising = LevelRaising(
            timestamps: client, revocation: RevocationClient(revocation, session: session, clock: clock),
            timestampBudgetSeconds: timestamps.authorities.isEmpty ? 0 : Self.documentTimestampSeconds,
            revocationBudgetSeconds: Self.revocationSeconds)
        self.budgetSeconds = budgetSeconds
        self.outcomes = outcomes
    }

    /// How a signature gets its own time where the policy wants that; without a token in time it is final without.
    func timestamping(for policy: PolicyDecision) -> SignatureTimestamping? {
        guard policy.padesLevel >= .timestamped else { return nil }
        return SignatureTimestamping(expectedBytes: Self.tokenBytes) { signature in
            do throws(TimestampError) {
                let token = try await timestamps.token(
                    imprint: timestamps.algorithm.digest(of: signature), budgetSeconds: budgetSeconds)
                outcomes.increment("granted")
                return token.der
            } catch {
                if error == .cancelled { throw CancellationError() }
                outcomes.increment(error.outcome)
                return nil
            }
        }
    }

    /// - Throws: `PDFError` for a document without signatures, or one that cannot be written; no authority that fails.
    func raise(_ document: PDFDocument, to level: PAdESLevel) async throws -> RaisedRevision {
        let raised = try await raising.raise(document, to: SignatureLevel(level))
        let missing = raised.shortfalls.compactMap { if case .timestamp(let error) = $0 { error } else { nil } }
        for error in missing { outcomes.increment(error.outcome) }
        if missing.isEmpty, raised.level == .longTermArchived { outcomes.increment("granted") }
        return raised
    }
}

/// By whom and when something was stamped, as the audit log records it (LTV-02).
struct TimestampSource: Sendable, Equatable {
    let authority: String
    let time: Instant

    init(_ token: TimestampToken) {
        authority = token.signer?.subject.commonName ?? "unnamed"
        time = token.time
    }
}

extension TimestampError {
    fileprivate var outcome: String {
        switch self {
        case .notAsked: "not_asked"
        case .noAuthority: "no_authority"
        case .exhausted: "failed"
        case .cancelled: "cancelled"
        }
    }
}

extension SignatureLevel {
    init(_ level: PAdESLevel) {
        self =
            switch level {
            case .basic: .basic
            case .timestamped: .timestamped
            case .longTerm: .longTerm
            case .archival: .longTermArchived
            }
    }
}

extension PAdESLevel {
    init(_ level: SignatureLevel) {
        self =
            switch level {
            case .basic: .basic
            case .timestamped: .timestamped
            case .longTerm: .longTerm
            case .longTermArchived: .archival
            }
    }
}
