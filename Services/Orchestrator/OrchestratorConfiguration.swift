// SPDX-License-Identifier: Apache-2.0
import Configuration
import ServiceAPI

/// The settings of the orchestrator.
struct OrchestratorConfiguration: ServiceConfiguration {
    static let keyPrefix = "ORCHESTRATOR_"

    let backbone: BackboneConfiguration
    let batchSize: Int
    let concurrency: Int
    let timerIntervalSeconds: Double
    let expiryGraceSeconds: Double
    let reissueSeconds: Double

    init(reader: inout ConfigurationReader) {
        backbone = BackboneConfiguration(reader: &reader, prefix: Self.keyPrefix)
        batchSize = reader.int(Self.batchSizeKey)
        concurrency = reader.int(Self.concurrencyKey)
        timerIntervalSeconds = reader.duration(Self.timerIntervalKey)
        expiryGraceSeconds = reader.duration(Self.expiryGraceKey)
        reissueSeconds = reader.duration(Self.reissueKey)
    }

    static let keys: [any ConfigurationKeyDescription] =
        BackboneConfiguration.keys(prefix: keyPrefix) + [
            batchSizeKey, concurrencyKey, timerIntervalKey, expiryGraceKey, reissueKey,
        ]

    private static let batchSizeKey = ConfigurationKey.int(
        "ORCHESTRATOR_BATCH_SIZE", default: 100, in: 1...500, unit: "messages", "most messages of one transaction")
    private static let concurrencyKey = ConfigurationKey.int(
        "ORCHESTRATOR_CONCURRENCY", default: 1, in: 1...16, unit: "batches", "batches in hand at once")
    private static let timerIntervalKey = ConfigurationKey.duration(
        "ORCHESTRATOR_TIMER_INTERVAL", default: 1, in: 0.01...60,
        "how often deadlines and unanswered jobs are looked for")
    private static let expiryGraceKey = ConfigurationKey.duration(
        "ORCHESTRATOR_EXPIRY_GRACE", default: 5, in: 0...3600,
        "how long after its deadline an envelope expires, so that what was accepted in time is applied first")
    private static let reissueKey = ConfigurationKey.duration(
        "ORCHESTRATOR_REISSUE_AFTER", default: 60, in: 1...86_400, "when an unanswered job is issued again")
}
