// SPDX-License-Identifier: Apache-2.0
import Clocks
import Envelopes
import FoundationEssentials

/// An envelope on its way through a test, with its time, its ids and what its effects left to do.
struct Scenario {
    static let start = Instant(microseconds: 1_795_176_000_000_000)
    static func policy(_ level: PAdESLevel) -> PolicyDecision {
        PolicyDecision(
            policyVersion: "builtin-1", signingMethod: .platformSeal, legalStandard: .click, authMethod: .emailLink,
            padesLevel: level)
    }

    var envelope: Envelope
    var effects: [EnvelopeEffect]
    var now = Scenario.start
    let ids: IDSource

    /// One signer for each order, named r0, r1, …; copies follow the signers.
    init(
        orders: [Int] = [1], copies: Int = 0, documents: Int = 1, send: Bool = true, expiresIn seconds: Double? = 1000,
        level: PAdESLevel = .basic
    ) throws(TransitionError) {
        let ids = IDSource.sequential(seed: 7)
        self.ids = ids
        let draft = Self.draft(
            orders: orders, copies: copies, documents: documents, send: send, expiresIn: seconds, ids: ids)
        (envelope, effects) = try Envelope.create(
            draft, policy: Self.policy(level), retentionClass: "default_7y", correlationID: "corr", at: now, ids: ids)
    }

    static func draft(
        orders: [Int], copies: Int = 0, documents: Int = 1, send: Bool = true, expiresIn seconds: Double? = nil,
        ids: IDSource
    ) -> EnvelopeDraft {
        let tenant = TenantID(ids.next())
        let roles = orders.map { (RecipientRole.signer, $0) } + (0..<copies).map { _ in (RecipientRole.copy, 1) }
        return EnvelopeDraft(
            tenantID: tenant, envelopeID: EnvelopeID(ids.next()), createdAt: start, title: "Offer", send: send,
            expiresAt: seconds.map { start.advanced(bySeconds: $0) },
            sender: Sender(name: "HR", email: "hr@example.org", organisation: "Example"), locale: "en", isLive: true,
            documents: (0..<documents).map { index in
                SourceDocument(
                    documentID: DocumentID(ids.next()), documentIndex: index, fileName: nil,
                    original: object(tenant: tenant, ArtifactID(ids.next()), digest: 0xA0), pageCount: 1)
            },
            recipients: roles.enumerated().map { number, role in
                Recipient(
                    requestID: RequestID(ids.next()), key: "r\(number)", role: role.0, orderIndex: role.1,
                    name: "Person \(number)", email: "p\(number)@example.org",
                    fields: role.0 == .copy
                        ? []
                        : (0..<documents).map { index in
                            FieldPlacement(
                                fieldID: FieldID(ids.next()), key: "f\(number).\(index)", documentIndex: index,
                                pageNumber: 1, x: 10, y: 10, width: 100, height: 40, fieldType: .signature,
                                isRequired: true)
                        })
            })
    }

    @discardableResult
    mutating func apply(_ input: EnvelopeInput) throws(TransitionError) -> [EnvelopeEffect] {
        effects = try envelope.apply(input, at: now, ids: ids)
        return effects
    }

    mutating func wait(_ seconds: Double) { now = now.advanced(bySeconds: seconds) }

    func request(_ number: Int) -> RequestID { envelope.requests[number].requestID }
    func status(_ number: Int) -> RequestStatus { envelope.requests[number].status }

    mutating func prepare() throws(TransitionError) {
        for document in envelope.documents { try apply(prepared(document)) }
    }

    func prepared(_ document: EnvelopeDocument) -> EnvelopeInput {
        let job = document.job
        return .documentPrepared(
            job?.jobID ?? JobID(ids.next()), document.documentID,
            Self.object(tenant: envelope.tenantID, job?.artifactID ?? ArtifactID(ids.next()), digest: 0xB0))
    }

    func submission(byte: UInt8 = 0xB0, text: String? = nil) -> Submission {
        Submission(
            consent: Consent(
                disclosureSHA256: Self.digest(0xD1),
                documents: envelope.documents.map {
                    ConsentedDocument(documentID: $0.documentID, preparedSHA256: Self.digest(byte))
                }),
            values: text.map { [FieldValue(fieldID: FieldID(ids.next()), value: .text($0))] } ?? [],
            signatureImage: nil)
    }

    @discardableResult
    mutating func submit(_ number: Int) throws(TransitionError) -> [EnvelopeEffect] {
        try apply(
            .submit(request(number), generation: envelope.requests[number].generation, submission()))
    }

    /// The result that the pool would report for the job in hand.
    func signed(_ job: SigningJob, digest: UInt8 = 0xC0) -> EnvelopeInput {
        .documentSigned(
            job.jobID, job.documentID, job.requestID ?? RequestID(ids.next()),
            revision: Self.object(tenant: envelope.tenantID, job.artifactID, digest: digest), level: .basic)
    }

    @discardableResult
    mutating func finishJobs() throws(TransitionError) -> [EnvelopeEffect] {
        var all: [EnvelopeEffect] = []
        for job in envelope.documents.compactMap(\.job) { all += try apply(signed(job)) }
        return all
    }

    @discardableResult
    mutating func sign(_ number: Int) throws(TransitionError) -> [EnvelopeEffect] {
        try submit(number) + finishJobs()
    }

    static func digest(_ byte: UInt8) -> ContentDigest {
        guard let digest = ContentDigest(bytes: [UInt8](repeating: byte, count: 32)) else {
            preconditionFailure("32 bytes are a digest")
        }
        return digest
    }

    static func object(tenant: TenantID, _ artifact: ArtifactID, digest byte: UInt8) -> ObjectReference {
        ObjectReference(
            tenantID: tenant, artifactID: artifact, sha256: digest(byte), size: 100,
            dataKeyID: DataKeyID(artifact.uuid))
    }
}

extension [EnvelopeEffect] {
    var announced: [EnvelopeEventKind] {
        compactMap { if case .occurred(let occurrence) = $0 { occurrence.announced } else { nil } }
    }

    var recorded: [String] {
        compactMap { if case .occurred(let occurrence) = $0 { occurrence.type.rawValue } else { nil } }
    }

    var jobs: [SigningJob] {
        compactMap {
            switch $0 {
            case .prepareDocument(let job), .signDocument(let job): job
            case .raiseDocument, .occurred, .notify, .storeEvidence: nil
            }
        }
    }

    var raises: [RaisingJob] { compactMap { if case .raiseDocument(let job) = $0 { job } else { nil } } }

    var notified: [NotificationKind] {
        compactMap { if case .notify(_, _, let kind) = $0 { kind } else { nil } }
    }
}
