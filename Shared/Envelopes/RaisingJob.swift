// SPDX-License-Identifier: Apache-2.0
package import Clocks

/// One document on its way to the level that the policy asks for, behind the envelope's completion.
package struct RaisingJob: Sendable, Hashable, Codable {
    /// After that long the document stays at the level that was reached.
    package static let patienceSeconds = 86_400.0
    /// The pause before the first repetition; each further one doubles it.
    private static let firstPauseSeconds = 30.0
    private static let longestPauseSeconds = 3_600.0

    package let jobID: JobID
    package let documentID: DocumentID
    /// The id that the raised version is stored under.
    package let artifactID: ArtifactID
    /// The document version that its result becomes.
    package let version: Int
    package let createdAt: Instant
    /// Since when an answer has been waited for; lies ahead during a pause between repetitions.
    package internal(set) var awaitedSince: Instant
    package internal(set) var repetitions = 0

    /// From then on an attempt is the last one.
    package var deadline: Instant { createdAt.advanced(bySeconds: Self.patienceSeconds) }

    /// Notes that it is issued once more; the pool stays silent about an attempt that may succeed later.
    mutating func repeated(at now: Instant) {
        let pause = Self.firstPauseSeconds * Double(1 << min(repetitions, 10))
        repetitions += 1
        awaitedSince = now.advanced(bySeconds: min(pause, Self.longestPauseSeconds))
    }

    private enum CodingKeys: String, CodingKey {
        case jobID = "job_id"
        case documentID = "document_id"
        case artifactID = "artifact_id"
        case version
        case createdAt = "created_at"
        case awaitedSince = "awaited_since"
        case repetitions
    }
}
