// SPDX-License-Identifier: Apache-2.0
import Configuration
import ServiceAPI

/// The signer's settings.
struct SignerConfiguration: ServiceConfiguration {
    static let keyPrefix = "SIGNER_"
    static let keys: [any ConfigurationKeyDescription] =
        BackboneConfiguration.keys(prefix: keyPrefix) + [threadsKey, batchKey]

    let backbone: BackboneConfiguration
    /// Documents signed at once.
    let threads: Int
    let batchSize: Int

    init(reader: inout ConfigurationReader) {
        backbone = BackboneConfiguration(reader: &reader, prefix: Self.keyPrefix)
        threads = reader.int(Self.threadsKey)
        batchSize = reader.int(Self.batchKey)
    }

    private static let threadsKey = ConfigurationKey.int(
        "SIGNER_THREADS", default: 2, in: 1...256, unit: "threads", "documents worked on at once; one per core")
    private static let batchKey = ConfigurationKey.int(
        "SIGNER_BATCH", default: 32, in: 1...500, unit: "jobs", "jobs taken in one transaction")
}
