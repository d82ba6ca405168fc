// SPDX-License-Identifier: Apache-2.0
import Configuration
import ServiceAPI

/// Intake's settings.
struct IntakeConfiguration: ServiceConfiguration {
    static let keyPrefix = "INTAKE_"
    static let keys: [any ConfigurationKeyDescription] =
        BackboneConfiguration.keys(prefix: keyPrefix) + [
            hostKey, portKey, threadsKey, vaultKey, proxiesKey, writesKey, readsKey, verifyTrustKey,
        ]

    let backbone: BackboneConfiguration
    let httpHost: String
    let httpPort: Int
    let httpThreads: Int
    /// Without a slash at the end.
    let vaultURL: String
    let trustedProxies: TrustedProxies
    let writesPerSecond: Int
    let readsPerSecond: Int
    let verifyTrust: String?

    init(reader: inout ConfigurationReader) {
        backbone = BackboneConfiguration(reader: &reader, prefix: Self.keyPrefix)
        httpHost = reader.string(Self.hostKey)
        httpPort = reader.port(Self.portKey)
        httpThreads = reader.int(Self.threadsKey)
        var vault = reader.string(Self.vaultKey)
        while vault.last == "/" { vault.removeLast() }
        vaultURL = vault
        let proxies = reader.optional(Self.proxiesKey).map { TrustedProxies(list: $0) } ?? TrustedProxies.none
        if proxies == nil { reader.refuse(Self.proxiesKey, allowed: "addresses or networks as in 10.0.0.0/8,::1") }
        trustedProxies = proxies ?? .none
        writesPerSecond = reader.int(Self.writesKey)
        readsPerSecond = reader.int(Self.readsKey)
        verifyTrust = reader.optional(Self.verifyTrustKey)
    }

    private static let hostKey = ConfigurationKey.string(
        "INTAKE_HTTP_HOST", default: "127.0.0.1", "address of the API and the signing pages")
    private static let portKey = ConfigurationKey.port(
        "INTAKE_HTTP_PORT", default: 8080, "port of the API and the signing pages; 0 takes a free one")
    private static let threadsKey = ConfigurationKey.int(
        "INTAKE_HTTP_THREADS", default: 2, in: 1...64, unit: "threads", "threads that read and write sockets")
    private static let vaultKey = ConfigurationKey.string(
        "INTAKE_VAULT_URL", default: "http://127.0.0.1:8481", "the vault's retrieval API")
    private static let proxiesKey = ConfigurationKey.string(
        "INTAKE_TRUSTED_PROXIES", optional: true,
        "addresses or networks, separated by commas, whose X-Forwarded-For counts")
    private static let writesKey = ConfigurationKey.int(
        "INTAKE_RATE_LIMIT_WRITES", default: 2000, in: 1...1_000_000, unit: "requests/s",
        "changes that one service account may ask for, with bursts of ten seconds")
    private static let readsKey = ConfigurationKey.int(
        "INTAKE_RATE_LIMIT_READS", default: 50_000, in: 1...10_000_000, unit: "requests/s",
        "reads that one service account may ask for, with bursts of ten seconds")
    private static let verifyTrustKey = ConfigurationKey.string(
        "INTAKE_VERIFY_TRUST", optional: true,
        "PEM file of the certificates that POST /v1/verify trusts; without it no signature is more than indeterminate")
}
