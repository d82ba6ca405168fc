// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Cryptography
import Foundation
import HTTPClient
import PDFSigning
import PDFSyntax
import Revocation
import Synchronization
import SystemDriver
import Timestamping

/// One process's part of `pdf_blta`: signs documents to B-LTA for some seconds, some at the same time.
///
/// Kept between documents are the key with its chain, connections, and, as in a service, what is known about revocation.
struct LongTermRun {
    private static let warmUp = 5

    private let folder: String
    private let seconds: Double
    private let inFlight: Int
    private let signer: LevelSigner

    /// - Throws: `SystemError` for words that `LongTermFigure` does not say.
    init(_ words: [String]) throws {
        guard words.count == 5, let seconds = Double(words[2]), let inFlight = Int(words[3]) else {
            throw SystemError("\(LongTermFigure.name) takes a folder, seconds, documents in flight and an address")
        }
        folder = words[1]
        self.seconds = seconds
        self.inFlight = inFlight
        let authority = "\(folder)/authority"
        let credential = try PDFBenchKeys.credential(
            key: "\(authority)/p256.key.pem", chain: "\(authority)/p256.chain.pem", algorithm: .ecdsaSHA256)
        let anchors = try Certificate.certificates(pem: PDFBenchKeys.read("\(authority)/root.pem"))
        let session = try HTTPSession()
        var revocation = RevocationConfiguration(anchors: anchors)
        revocation.refusesInternalAddresses = false
        signer = LevelSigner(
            credential: credential, level: .longTermArchived,
            timestamps: TimestampAuthorityClient(
                TimestampConfiguration(authorities: [TimestampAuthority(url: words[4])], anchors: anchors),
                session: session, clock: .system),
            revocation: RevocationClient(revocation, session: session, clock: .system),
            timestampBudgetSeconds: 10, revocationBudgetSeconds: 30)
    }

    /// Counts whole documents in all of the time, and keeps the last one.
    func measure() async throws -> PDFRowResult {
        let template = try SerialTemplate(path: "\(folder)/30k.pdf")
        for number in 0..<Self.warmUp { _ = try await sign(template, number) }
        let clock = ContinuousClock()
        let started = clock.now
        let (count, output) = try await withThrowingTaskGroup(of: (Int, [UInt8]).self) { group in
            for lane in 1...inFlight {
                group.addTask {
                    var count = 0
                    var output: [UInt8] = []
                    while (clock.now - started).seconds < seconds {
                        count += 1
                        output = try await sign(template, lane * 1_000_000_000 + count)
                    }
                    return (count, output)
                }
            }
            return try await group.reduce(into: (0, [])) { $0 = ($0.0 + $1.0, $1.1) }
        }
        let spent = (clock.now - started).seconds
        try Data(output).write(to: URL(fileURLWithPath: "\(folder)/\(LongTermFigure.name).out.pdf"))
        return PDFRowResult(perSecond: Double(count) / spent, peakBytes: try PDFRowResult.ownPeakBytes())
    }

    private func sign(_ template: SerialTemplate, _ number: Int) async throws -> [UInt8] {
        var template = template
        template.renumber(number)
        let request = SignatureRequest(
            fieldName: "Signature1", missingField: .add(nil), signerName: "Ada Lovelace", reason: "I agree",
            signingTime: BusinessClock.system.now())
        let sink = MemorySink()
        let signed = try await signer.sign(
            PDFDocument(source: ArraySource(template.bytes)), request: request, into: sink)
        guard signed.level == .longTermArchived else {
            throw SystemError("only \(signed.level) was reached: \(signed.shortfalls)")
        }
        return sink.bytes
    }
}

/// The signed document in memory.
private final class MemorySink: RevisionSink {
    private let held = Mutex<[UInt8]>([])

    var bytes: [UInt8] { held.withLock { $0 } }

    func append(_ bytes: [UInt8]) async throws { held.withLock { $0 += bytes } }
}
