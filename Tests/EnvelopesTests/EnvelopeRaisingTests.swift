// SPDX-License-Identifier: Apache-2.0
import Clocks
import Envelopes
import Testing

@Suite struct EnvelopeRaisingTests {
    private static func completed(_ level: PAdESLevel) throws -> (scenario: Scenario, job: RaisingJob) {
        var scenario = try Scenario(level: level)
        try scenario.prepare()
        let effects = try scenario.sign(0)
        #expect(scenario.envelope.status == .completed)
        return (scenario, try #require(effects.raises.first))
    }

    private static func raised(_ job: RaisingJob, in scenario: Scenario, _ level: PAdESLevel) -> EnvelopeInput {
        .documentRaised(
            job.jobID, job.documentID,
            revision: Scenario.object(tenant: scenario.envelope.tenantID, job.artifactID, digest: 0xE0), level: level)
    }

    @Test func `RES-01: completion asks for the level and waits for nothing; at B-B nothing is asked`() throws {
        let (scenario, job) = try Self.completed(.archival)
        #expect(scenario.envelope.artifacts.map(\.padesLevel) == [.basic])
        #expect(job.version == scenario.envelope.documents[0].version + 1)
        var plain = try Scenario()
        try plain.prepare()
        #expect(try plain.sign(0).raises.isEmpty)
    }

    @Test func `LTV-01: a raised document is a new version, and the vault gets it too`() throws {
        var (scenario, job) = try Self.completed(.archival)
        try scenario.apply(.evidenceStored(scenario.envelope.artifacts[0].artifactID))
        #expect(scenario.envelope.evidence == .sealed)
        let effects = try scenario.apply(Self.raised(job, in: scenario, .archival))
        #expect(effects.announced == [.documentEvidenceExtended])
        let artifacts = scenario.envelope.artifacts
        #expect(artifacts.map(\.version) == [1, 2] && artifacts.map(\.padesLevel) == [.basic, .archival])
        #expect(effects.contains(.storeEvidence(artifacts[1])))
        #expect(scenario.envelope.evidence == .pending)
        #expect(scenario.envelope.documents[0].current == artifacts[1].object)
        #expect(try scenario.apply(Self.raised(job, in: scenario, .archival)).isEmpty)
        #expect(try scenario.apply(.evidenceStored(job.artifactID)).announced == [.evidenceSealed])
        #expect(scenario.envelope.awaitingSince == nil)
    }

    @Test func `an attempt without an answer is repeated under its ids with growing pauses`() throws {
        var (scenario, job) = try Self.completed(.longTerm)
        try scenario.apply(.evidenceStored(scenario.envelope.artifacts[0].artifactID))
        var waits: [Double] = []
        for _ in 0..<9 {
            let since = try #require(scenario.envelope.awaitingSince)
            let limit = since.advanced(bySeconds: 1)
            let again = try scenario.apply(.reissue(issuedBefore: limit)).raises
            #expect(again.map(\.jobID) == [job.jobID] && again.map(\.artifactID) == [job.artifactID])
            #expect(try scenario.apply(.reissue(issuedBefore: limit)).raises.isEmpty)
            waits.append(try #require(scenario.envelope.awaitingSince).seconds(since: scenario.now))
            scenario.wait(waits.last ?? 0)
        }
        #expect(waits == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600])
    }

    @Test func `RES-01: a document that cannot be raised stays as it is, completed and downloadable`() throws {
        var (scenario, job) = try Self.completed(.archival)
        let before = scenario.envelope
        let effects = try scenario.apply(.jobFailed(job.jobID, job.documentID, code: "level_not_reached"))
        #expect(effects.recorded == ["document.raising_ended"] && effects.announced.isEmpty)
        #expect(scenario.envelope.status == .completed && scenario.envelope.artifacts == before.artifacts)
        #expect(throws: TransitionError(code: .unknownJob, status: .completed)) {
            try scenario.apply(Self.raised(job, in: scenario, .archival))
        }
    }
}
