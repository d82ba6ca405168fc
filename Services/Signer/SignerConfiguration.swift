// SPDX-License-Identifier: Apache-2.0
import Configuration
import Cryptography
import FileSystem
import ServiceAPI
import Timestamping

/// The signer's settings.
struct SignerConfiguration: ServiceConfiguration {
    static let keyPrefix = "SIGNER_"
    static let keys: [any ConfigurationKeyDescription] =
        BackboneConfiguration.keys(prefix: keyPrefix) + [
            threadsKey, batchKey, keyWatchKey, authoritiesKey, budgetKey, trustKey,
        ]

    let backbone: BackboneConfiguration
    /// Documents signed at once.
    let threads: Int
    let batchSize: Int
    let keyWatchSeconds: Double
    let timestamps: TimestampConfiguration
    let timestampBudgetSeconds: Double

    init(reader: inout ConfigurationReader) {
        backbone = BackboneConfiguration(reader: &reader, prefix: Self.keyPrefix)
        threads = reader.int(Self.threadsKey)
        batchSize = reader.int(Self.batchKey)
        keyWatchSeconds = Double(reader.int(Self.keyWatchKey))
        timestampBudgetSeconds = Double(reader.int(Self.budgetKey)) / 1000
        let addresses = reader.optional(Self.authoritiesKey) ?? ""
        let authorities = addresses.split(whereSeparator: { $0 == "," || $0 == " " }).map(String.init)
        if !authorities.allSatisfy({ $0.hasPrefix("http://") || $0.hasPrefix("https://") }) {
            reader.refuse(Self.authoritiesKey, allowed: "addresses of http or https, separated by commas")
        }
        var anchors: [Certificate] = []
        if let path = reader.optional(Self.trustKey) {
            do {
                anchors = try Certificate.certificates(pem: SmallFile.read(path))
            } catch {
                reader.refuse(Self.trustKey, allowed: "a PEM file with certificates")
            }
        }
        timestamps = TimestampConfiguration(
            authorities: authorities.map { TimestampAuthority(url: $0) }, anchors: anchors)
    }

    private static let threadsKey = ConfigurationKey.int(
        "SIGNER_THREADS", default: 2, in: 1...256, unit: "threads", "documents worked on at once; one per core")
    private static let batchKey = ConfigurationKey.int(
        "SIGNER_BATCH", default: 32, in: 1...500, unit: "jobs", "jobs taken in one transaction")
    private static let keyWatchKey = ConfigurationKey.int(
        "SIGNER_KEY_WATCH_SECONDS", default: 5, in: 1...3600, unit: "seconds",
        "how often changes in the key registers are looked for and recorded; they count at once all the same")
    private static let authoritiesKey = ConfigurationKey.string(
        "SIGNER_TIMESTAMP_AUTHORITIES", optional: true,
        "addresses of RFC 3161 authorities, in the order in which they are asked; without any every signature is B-B")
    private static let budgetKey = ConfigurationKey.int(
        "SIGNER_TIMESTAMP_BUDGET_MS", default: 300, in: 0...10_000, unit: "milliseconds",
        "how long a signature waits for its timestamp before it is final as B-B; 0 never asks, and raising does it later"
    )
    private static let trustKey = ConfigurationKey.file(
        "SIGNER_TIMESTAMP_TRUST", optional: true,
        "PEM file of the roots that authorities' certificates have to lead to; without it any authority is believed")
}
