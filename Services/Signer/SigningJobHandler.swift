// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Contracts
import Envelopes
import Keys
import Messaging
import Metrics
import Postgres
import ServiceKit
import Tracing

/// Takes jobs from `signing.jobs.v1` and `signing.raises.v1`: intent, revision in the object store, result.
///
/// What it appends depends on the job and what was kept with its intent, so a repeat after a crash stores the same bytes
/// under the same id.
struct SigningJobHandler: EffectHandler {
    let pool: SigningPool
    let instance: String
    let clock: BusinessClock
    let ids: IDSource
    let signatures: Counter
    let raises: Counter

    func intend(_ messages: [InboundMessage], in transaction: PostgresTransaction) async throws -> [SigningWork] {
        let jobs = try messages.map { try SigningJob($0) }
        let unique = Array(Dictionary(jobs.map { ($0.key, $0) }) { first, _ in first }.values)
        let known = try await SigningIntentStore.intend(unique, owner: instance, at: clock.now(), in: transaction)
        return zip(messages, jobs).map { SigningWork(message: $0, job: $1, known: known[$1.key]) }
    }

    func perform(_ work: [SigningWork]) async throws -> [SigningResult] { try await pool.perform(work) }

    func record(
        _ results: [SigningResult], of messages: [InboundMessage], in transaction: PostgresTransaction
    ) async throws -> [Act] {
        let now = clock.now()
        let made = results.filter { !$0.isRepeat && !$0.isDeferred }
        if !made.isEmpty { _ = try await transaction.execute(SigningIntentStore.finishing(made, at: now)) }
        var acts: [Act] = []
        for result in results {
            if !result.isRepeat { count(result) }
            if !result.isDeferred { acts.append(try act(for: result, at: now)) }
        }
        return acts
    }

    private func count(_ result: SigningResult) {
        switch (result.job, result.outcome) {
        case (.prepare, _): break
        case (.sign, .stored): signatures.increment("stored", "none")
        case (.sign, .refused(let code)), (.sign, .deferred(let code)): signatures.increment("refused", code)
        case (.raise(let job), .stored(_, _, let level)):
            raises.increment(level == job.policy.padesLevel ? "reached" : "lower")
        case (.raise, .refused): raises.increment("given_up")
        case (.raise, .deferred): raises.increment("deferred")
        }
    }

    private func act(for result: SigningResult, at now: Instant) throws -> Act {
        let key = result.job.key
        let message = try answer(to: result, at: now)
        // Nothing was done, so there is nothing to record: a job that was issued again gets its answer again.
        if result.isRepeat { return Act(messages: [message], cause: result.message) }
        var fact = AuditFact(
            eventID: ids.next(), tenantID: key.tenantID, subject: .envelope(key.envelopeID),
            eventType: result.job.auditType,
            actor: .system("signer"), documentID: key.documentID, requestID: result.job.requestID,
            artifactID: result.job.artifactID, occurredAt: now,
            correlationID: result.message.traceScope.correlationID.text, policy: result.job.policy)
        switch result.outcome {
        case .stored(let revision, let certificate, let level):
            fact.hashes["revision_sha256"] = revision.sha256
            fact.hashes["certificate_sha256"] = certificate
            if let level { fact.metadata["pades_level"] = .string(level.rawValue) }
        case .refused(let code), .deferred(let code):
            fact.outcome = .failed
            fact.reason = code
        }
        if let timestamp = result.made.timestamp {
            fact.metadata["timestamp_authority"] = .string(timestamp.authority)
            fact.metadata["timestamp_time"] = .string(timestamp.time.rfc3339(fractionDigits: 3))
        }
        fact.metadata["key_operations"] = .integer(Int64(result.keyUse?.operations ?? 0))
        if let use = result.keyUse {
            fact.metadata["key_id"] = .string(use.keyID.text)
            fact.metadata["key_purpose"] = .string(use.purpose.rawValue)
        }
        if !result.made.repairs.isEmpty { fact.metadata["repaired"] = .array(result.made.repairs.map { .string($0) }) }
        return Act(
            audit: [
                try OutgoingMessage(AuditEventV1(fact: fact), key: key.envelopeID.uuid, tenantID: key.tenantID.uuid)
            ], messages: [message], cause: result.message)
    }

    private func answer(to result: SigningResult, at now: Instant) throws -> OutgoingMessage {
        let envelope = result.job.key.envelopeID.uuid
        let tenant = result.job.key.tenantID.uuid
        switch (result.outcome, result.job) {
        case (.refused(let code), let job), (.deferred(let code), let job):
            let key = job.key
            return try OutgoingMessage(
                SigningJobFailedV1(
                    tenantID: key.tenantID, envelopeID: key.envelopeID, documentID: key.documentID,
                    requestID: job.requestID, jobID: job.jobID, code: code, failedAt: now), key: envelope,
                tenantID: tenant)
        case (.stored(let revision, _, _), .prepare(let job)):
            return try OutgoingMessage(
                DocumentPreparedV1(
                    tenantID: job.tenantID, envelopeID: job.envelopeID, documentID: job.documentID, jobID: job.jobID,
                    version: job.version, prepared: revision, preparedAt: job.preparedAt), key: envelope,
                tenantID: tenant)
        case (.stored(let revision, _, let level), .raise(let job)):
            return try OutgoingMessage(
                DocumentRaisedV1(
                    tenantID: job.tenantID, envelopeID: job.envelopeID, documentID: job.documentID, jobID: job.jobID,
                    version: job.version, revision: revision, padesLevel: level ?? job.baseLevel, raisedAt: now),
                key: envelope, tenantID: tenant)
        case (.stored(let revision, let certificate, let level), .sign(let job)):
            guard let certificate else {
                throw PermanentFailure(code: "certificate_unknown", detail: "signature stored without its certificate")
            }
            return try OutgoingMessage(
                DocumentSignedV1(
                    tenantID: job.tenantID, envelopeID: job.envelopeID, documentID: job.documentID,
                    requestID: job.requestID, jobID: job.jobID, version: job.version, revision: revision,
                    padesLevel: level ?? .basic, certificateSHA256: certificate, signedAt: job.signingTime),
                key: envelope,
                tenantID: tenant)
        }
    }
}
