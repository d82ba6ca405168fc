// SPDX-License-Identifier: Apache-2.0
import Configuration
import ServiceAPI

/// The signer's settings.
struct SignerConfiguration: ServiceConfiguration {
    static let keyPrefix = "SIGNER_"
    static let keys: [any ConfigurationKeyDescription] =
        BackboneConfiguration.keys(prefix: keyPrefix) + [threadsKey, batchKey, keyWatchKey]

    let backbone: BackboneConfiguration
    /// Documents signed at once.
    let threads: Int
    let batchSize: Int
    let keyWatchSeconds: Double

    init(reader: inout ConfigurationReader) {
        backbone = BackboneConfiguration(reader: &reader, prefix: Self.keyPrefix)
        threads = reader.int(Self.threadsKey)
        batchSize = reader.int(Self.batchKey)
        keyWatchSeconds = Double(reader.int(Self.keyWatchKey))
    }

    private static let threadsKey = ConfigurationKey.int(
        "SIGNER_THREADS", default: 2, in: 1...256, unit: "threads", "documents worked on at once; one per core")
    private static let batchKey = ConfigurationKey.int(
        "SIGNER_BATCH", default: 32, in: 1...500, unit: "jobs", "jobs taken in one transaction")
    private static let keyWatchKey = ConfigurationKey.int(
        "SIGNER_KEY_WATCH_SECONDS", default: 5, in: 1...3600, unit: "seconds",
        "how often changes in the key registers are looked for and recorded; they count at once all the same")
}
