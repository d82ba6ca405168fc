// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Contracts
import Envelopes
import Messaging
import Policy
import RetentionRules
import Tracing

/// The envelopes of one transaction, and what their inputs did to them; pure but for the ids it is given.
struct WorkflowBatch {
    private(set) var stored: [EnvelopeKey: StoredEnvelope]
    private(set) var acts: [Act] = []
    private(set) var change = WorkflowMetrics.Change()
    private var changedKeys: Set<EnvelopeKey> = []
    private let ids: IDSource

    init(_ stored: [EnvelopeKey: StoredEnvelope], ids: IDSource) {
        self.stored = stored
        self.ids = ids
    }

    /// What has to be written back.
    var changed: [StoredEnvelope] { changedKeys.compactMap { stored[$0] } }

    /// Applies one message; an input that does not fit is recorded as denied, and the batch goes on.
    ///
    /// - Throws: `PermanentFailure` for a message that cannot be read or names no envelope of its tenant.
    mutating func apply(_ message: InboundMessage) throws {
        let key = EnvelopeKey(tenantID: TenantID(message.tenantID), envelopeID: EnvelopeID(message.key))
        let input = try InboundInput(message)
        switch input.request {
        case .create(let draft): try create(draft, key, input, message)
        case .apply(let request):
            guard stored[key] != nil else {
                throw PermanentFailure(code: "unknown_envelope", detail: "no state for \(message.id)")
            }
            note(message.auditAfter, at: key)
            try apply(request, to: key, input, causedBy: message)
        }
    }

    /// Applies a timer's input to an envelope of the batch.
    ///
    /// - Throws: `EncodingError` for a number that JSON cannot say.
    mutating func apply(_ request: EnvelopeInput, to key: EnvelopeKey, at now: Instant) throws {
        try apply(request, to: key, .timer(request, at: now), causedBy: nil)
        // The row was found by its columns: what they said too early has to go, or it would be found for ever.
        guard let found = stored[key], found.awaitingSince != found.envelope.awaitingSince else { return }
        stored[key]?.awaitingSince = found.envelope.awaitingSince
        changedKeys.insert(key)
    }

    private mutating func create(
        _ draft: EnvelopeDraft, _ key: EnvelopeKey, _ input: InboundInput, _ message: InboundMessage
    ) throws {
        if let existing = stored[key] {
            guard existing.envelope.draft == draft else {
                throw PermanentFailure(code: "envelope_exists", detail: "another draft has the id of \(message.id)")
            }
            return
        }
        guard let retention = RetentionClass.class(named: draft.retentionClass, isLive: draft.isLive) else {
            throw PermanentFailure(code: "unknown_retention_class", detail: message.id)
        }
        let correlation = message.correlationID ?? CorrelationID(message.key)
        let created: (envelope: Envelope, effects: [EnvelopeEffect])
        do throws(TransitionError) {
            created = try Envelope.create(
                draft, policy: BuiltInPolicy.decision(for: PolicyFacts(of: draft)), retentionClass: retention.name,
                correlationID: correlation.text, at: input.time, ids: ids)
        } catch {
            throw PermanentFailure(code: error.code.rawValue, detail: message.id)
        }
        stored[key] = StoredEnvelope(
            envelope: created.envelope, stateID: ids.next(), creation: message.payload, awaitingSince: nil)
        note(message.auditAfter, at: key)
        try finish(created.effects, at: key, from: nil, input, causedBy: message)
    }

    private mutating func apply(
        _ request: EnvelopeInput, to key: EnvelopeKey, _ input: InboundInput, causedBy cause: InboundMessage?
    ) throws {
        guard let envelope = stored[key]?.envelope else { return }
        var next = envelope
        let result = Result { () throws(TransitionError) in try next.apply(request, at: input.time, ids: ids) }
        switch result {
        case .success(let effects):
            stored[key]?.envelope = next
            try finish(effects, at: key, from: envelope.status, input, causedBy: cause)
        case .failure(let error):
            change.refused.append(error.code)
            let composer = MessageComposer(envelope: envelope, input: input, ids: ids)
            acts.append(try composer.refusal(error, of: request, causedBy: cause))
        }
    }

    private mutating func finish(
        _ effects: [EnvelopeEffect], at key: EnvelopeKey, from before: EnvelopeStatus?, _ input: InboundInput,
        causedBy cause: InboundMessage?
    ) throws {
        guard let envelope = stored[key]?.envelope, !effects.isEmpty else { return }
        changedKeys.insert(key)
        change.note(from: before, to: envelope)
        if case .apply(.reissue) = input.request { change.reissued += 1 }
        let composer = MessageComposer(envelope: envelope, input: input, ids: ids)
        acts.append(try composer.act(for: effects, causedBy: cause))
    }

    /// Remembers the audit event that a message follows, so that the vault can wait for it before it seals.
    private mutating func note(_ auditAfter: String?, at key: EnvelopeKey) {
        guard let parts = auditAfter?.split(separator: "/"), parts.count == 4,
            parts[1] == Topic.auditEvents.name, parts[2] == key.envelopeID.description, let sequence = Int64(parts[3])
        else { return }
        stored[key]?.envelope.note(AuditPosition(producer: String(parts[0]), sequence: sequence))
        changedKeys.insert(key)
    }
}
