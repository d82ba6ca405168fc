// SPDX-License-Identifier: Apache-2.0
package import PDFSyntax
package import Revocation
package import Timestamping
import Cryptography
import Synchronization

/// A signed document and how far its signature proves itself.
package struct LevelledRevision: Sendable {
    /// The bytes that follow the document: the signature's revision, and the one that raises it.
    package let update: [UInt8]
    /// The level reached.
    package let level: SignatureLevel
    /// Why the level asked for was not reached; empty when it was.
    package let shortfalls: [LevelShortfall]
}

/// Signs to any level of PAdES baseline; authorities that are down cost the level, never the signature (RES-01).
package struct LevelSigner: Sendable {
    private let credential: SigningCredential
    private let level: SignatureLevel
    private let timestamps: TimestampAuthorityClient?
    private let revocation: RevocationClient?
    private let timestampBudgetSeconds: Double
    private let revocationBudgetSeconds: Double

    /// - Parameter timestamps: Needed from B-T on.
    /// - Parameter revocation: Needed from B-LT on.
    /// - Parameter timestampBudgetSeconds: For one timestamp; 0 makes every signature B-B.
    /// - Parameter revocationBudgetSeconds: For the validation data of one signature.
    package init(
        credential: SigningCredential, level: SignatureLevel, timestamps: TimestampAuthorityClient?,
        revocation: RevocationClient?, timestampBudgetSeconds: Double, revocationBudgetSeconds: Double
    ) {
        self.credential = credential
        self.level = level
        self.timestamps = timestamps
        self.revocation = revocation
        self.timestampBudgetSeconds = timestampBudgetSeconds
        self.revocationBudgetSeconds = revocationBudgetSeconds
    }

    /// Signs a document into a sink, and raises the signature.
    /// - Parameter password: What the document was opened with: it is opened again with the signature behind it.
    /// - Throws: `PDFError` for what cannot be signed; `RevocationError.revoked` before the key is used when the level
    ///   needs the signer's status and that is revoked; what the key or the sink throw.
    package func sign(
        _ document: PDFDocument, request: SignatureRequest, into sink: any RevisionSink, password: String? = nil
    ) async throws -> LevelledRevision {
        var shortfalls = try await statusShortfall()
        let failure = Mutex<TimestampError?>(nil)
        let timestamping =
            level == .basic
            ? nil
            : timestamps.map { client in
                SignatureTimestamping(client: client, budgetSeconds: timestampBudgetSeconds) { error in
                    failure.withLock { $0 = error }
                }
            }
        let signer = DocumentSigner(credential: credential, timestamping: timestamping)
        let signed = try await signer.sign(document, request: request, into: sink)
        if let error = failure.withLock({ $0 }) { shortfalls.append(.timestamp(error)) }
        let reached: SignatureLevel = signed.isTimestamped ? .timestamped : .basic
        // Where there was no time for a signature's own timestamp there is none for another.
        guard level >= .longTerm, signed.isTimestamped, shortfalls.isEmpty, let timestamps, let revocation else {
            return LevelledRevision(update: signed.update, level: reached, shortfalls: shortfalls)
        }
        let raised = try await LevelRaising(
            timestamps: timestamps, revocation: revocation, timestampBudgetSeconds: timestampBudgetSeconds,
            revocationBudgetSeconds: revocationBudgetSeconds
        ).raise(document.appending(signed.update, password: password), to: level, password: password)
        try await sink.append(raised.update)
        return LevelledRevision(
            update: signed.update + raised.update, level: raised.level, shortfalls: shortfalls + raised.shortfalls)
    }

    /// Finds a revoked signer before the key is used, and fetches what raising will need.
    private func statusShortfall() async throws -> [LevelShortfall] {
        guard level >= .longTerm, let revocation, let leaf = credential.chain.first else { return [] }
        do throws(RevocationError) {
            _ = try await revocation.validationData(
                for: leaf, candidates: Array(credential.chain.dropFirst()), budgetSeconds: revocationBudgetSeconds)
            return []
        } catch {
            switch error {
            case .revoked: throw error
            case .cancelled: throw CancellationError()
            case .noStatus, .noPath: return [.revocation(error)]
            }
        }
    }
}

extension SignatureTimestamping {
    /// Asks timestamp authorities; a failure leaves the signature without a time and is told to `observe`.
    package init(
        client: TimestampAuthorityClient, budgetSeconds: Double,
        observe: @escaping @Sendable (TimestampError) -> Void = { _ in }
    ) {
        // The attribute around a token adds its OID, a SET and two lengths.
        self.init(expectedBytes: client.reservedBytes + 32) { signature in
            do throws(TimestampError) {
                return try await client.token(
                    imprint: client.algorithm.digest(of: signature), budgetSeconds: budgetSeconds
                ).der
            } catch {
                if error == .cancelled { throw CancellationError() }
                observe(error)
                return nil
            }
        }
    }
}
