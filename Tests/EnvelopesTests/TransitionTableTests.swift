// SPDX-License-Identifier: Apache-2.0
import Clocks
import Envelopes
import Testing

@Suite struct TransitionTableTests {
    /// Columns: release void resend view submit decline prepared signed raised jobFailed delivery evidence deadline reissue.
    private static let expected: [EnvelopeStatus: String] = [
        .draft: """
        apply apply not_sent not_sent not_sent not_sent
        apply unknown_job unknown_job apply not_sent unknown_artifact apply apply
        """,
        .prepared: """
        apply apply not_sent not_sent not_sent not_sent
        none unknown_job unknown_job unknown_job not_sent unknown_artifact apply none
        """,
        .sent: """
        none apply apply apply apply apply
        none unknown_job unknown_job unknown_job apply unknown_artifact apply none
        """,
        .inProgress: """
        none apply already_signed none none already_signed
        none apply unknown_job apply apply unknown_artifact none apply
        """,
        .completed: """
        none envelope_ended envelope_ended none none already_signed
        none none unknown_job unknown_job apply apply none apply
        """,
        .declined: """
        envelope_ended envelope_ended envelope_ended envelope_ended envelope_ended none
        envelope_ended envelope_ended unknown_job none apply unknown_artifact none none
        """,
        .voided: """
        envelope_ended none envelope_ended envelope_ended envelope_ended envelope_ended
        envelope_ended envelope_ended unknown_job none apply unknown_artifact none none
        """,
        .expired: """
        envelope_ended envelope_ended envelope_ended envelope_ended envelope_ended envelope_ended
        envelope_ended envelope_ended unknown_job none apply unknown_artifact none none
        """,
        .failed: """
        envelope_ended envelope_ended envelope_ended envelope_ended envelope_ended envelope_ended
        envelope_ended envelope_ended unknown_job none none unknown_artifact none none
        """,
    ]

    private static let deadlineColumn = EnvelopeInputKind.allCases.firstIndex(of: .deadline)

    @Test(arguments: EnvelopeStatus.allCases, EnvelopeInputKind.allCases.indices)
    func `WF-03: each input in each state has exactly the outcome of the table`(
        status: EnvelopeStatus, column: Int
    ) throws {
        let words = try #require(Self.expected[status]).split(whereSeparator: \.isWhitespace)
        try #require(words.count == EnvelopeInputKind.allCases.count)
        var scenario = try Self.scenario(in: status)
        let before = scenario.envelope
        if column == Self.deadlineColumn { scenario.wait(1000) }
        let input = Self.input(EnvelopeInputKind.allCases[column], for: scenario)
        try #require(input.kind == EnvelopeInputKind.allCases[column])

        let outcome: String
        do throws(TransitionError) {
            outcome = try scenario.apply(input).isEmpty ? "none" : "apply"
        } catch {
            outcome = error.code.rawValue
            #expect(error.status == status)
            #expect(scenario.envelope == before)
        }
        #expect(outcome == words[column])
        if outcome == "none" { #expect(scenario.envelope == before) }
    }

    @Test(arguments: EnvelopeStatus.allCases)
    func `WF-01: an envelope state has exactly these exits`(status: EnvelopeStatus) {
        let exits: Set<EnvelopeStatus> =
            switch status {
            case .draft: [.prepared, .voided, .expired, .failed]
            case .prepared: [.sent, .voided, .expired, .failed]
            case .sent: [.inProgress, .declined, .voided, .expired, .failed]
            case .inProgress: [.completed, .declined, .voided, .expired, .failed]
            case .completed, .declined, .voided, .expired, .failed: []
            }
        #expect(TransitionTable.successors(of: status) == exits)
        #expect(status.isTerminal == exits.isEmpty)
    }

    @Test func `a signing request never goes back, and its last states have no exit`() {
        let last: Set<RequestStatus> = [.signed, .declined, .delegated, .expired, .superseded]
        for status in RequestStatus.allCases {
            #expect(TransitionTable.successors(of: status).isEmpty == last.contains(status))
            for next in TransitionTable.successors(of: status) {
                #expect(!TransitionTable.successors(of: next).contains(status))
            }
        }
        #expect(TransitionTable.successors(of: .signing) == [.signed, .superseded])
    }

    /// An envelope in the state; in progress means that its one signature is in hand.
    private static func scenario(in status: EnvelopeStatus) throws -> Scenario {
        var scenario = try Scenario(send: status != .prepared && status != .draft)
        if status != .draft { try scenario.prepare() }
        switch status {
        case .draft, .prepared, .sent: break
        case .inProgress:
            try scenario.apply(.view(scenario.request(0), generation: 1))
            try scenario.submit(0)
        case .completed: try scenario.sign(0)
        case .declined: try scenario.apply(.decline(scenario.request(0), generation: 1))
        case .voided: try scenario.apply(.void)
        case .expired:
            scenario.wait(1000)
            try scenario.apply(.deadline)
        case .failed:
            try scenario.submit(0)
            let job = try #require(scenario.envelope.documents[0].job)
            try scenario.apply(.jobFailed(job.jobID, job.documentID, code: "certificate_expired"))
        }
        try #require(scenario.envelope.status == status)
        return scenario
    }

    private static func input(_ kind: EnvelopeInputKind, for scenario: Scenario) -> EnvelopeInput {
        let request = scenario.request(0)
        let document = scenario.envelope.documents[0]
        let job = document.job
        switch kind {
        case .release: return .release
        case .void: return .void
        case .resend: return .resend(request, generation: 2)
        case .view: return .view(request, generation: 1)
        case .submit: return .submit(request, generation: 1, scenario.submission())
        case .decline: return .decline(request, generation: 1)
        case .documentPrepared: return scenario.prepared(document)
        case .documentSigned:
            if let job, job.requestID != nil { return scenario.signed(job) }
            return .documentSigned(
                JobID(scenario.ids.next()), document.documentID, request,
                revision: document.current
                    ?? Scenario.object(
                        tenant: scenario.envelope.tenantID, ArtifactID(scenario.ids.next()), digest: 0xC0),
                level: .basic)
        case .documentRaised:
            return .documentRaised(
                JobID(scenario.ids.next()), document.documentID,
                revision: Scenario.object(
                    tenant: scenario.envelope.tenantID, ArtifactID(scenario.ids.next()), digest: 0xE0), level: .archival
            )
        case .jobFailed:
            return .jobFailed(job?.jobID ?? JobID(scenario.ids.next()), document.documentID, code: "damaged")
        case .delivery: return .delivery(request, generation: 1, .signingRequest, .accepted, reason: nil)
        case .evidenceStored:
            return .evidenceStored(
                scenario.envelope.artifacts.first?.artifactID ?? ArtifactID(scenario.ids.next()))
        case .deadline: return .deadline
        case .reissue: return .reissue(issuedBefore: Scenario.start.advanced(bySeconds: 60))
        }
    }
}
