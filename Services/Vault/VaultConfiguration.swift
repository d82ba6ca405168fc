// SPDX-License-Identifier: Apache-2.0
import Configuration
import ServiceAPI

/// The vault's settings.
struct VaultConfiguration: ServiceConfiguration {
    static let keyPrefix = "VAULT_"
    static let keys: [any ConfigurationKeyDescription] =
        BackboneConfiguration.keys(prefix: keyPrefix) + [hostKey, portKey, immutableKey]

    let backbone: BackboneConfiguration
    let httpHost: String
    let httpPort: Int
    let hasImmutableEvidence: Bool

    init(reader: inout ConfigurationReader) {
        backbone = BackboneConfiguration(reader: &reader, prefix: Self.keyPrefix)
        httpHost = reader.string(Self.hostKey)
        httpPort = reader.port(Self.portKey)
        hasImmutableEvidence = reader.bool(Self.immutableKey)
    }

    private static let hostKey = ConfigurationKey.string(
        "VAULT_HTTP_HOST", default: "127.0.0.1", "address of the retrieval API; only intake may reach it")
    private static let portKey = ConfigurationKey.port("VAULT_HTTP_PORT", default: 8481, "port of the retrieval API")
    private static let immutableKey = ConfigurationKey.bool(
        "VAULT_IMMUTABLE_EVIDENCE", default: false, "also set the immutable flag on evidence files; needs root")
}
