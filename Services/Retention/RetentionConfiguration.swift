// SPDX-License-Identifier: Apache-2.0
import Configuration
import ServiceAPI

/// The retention service's settings.
struct RetentionConfiguration: ServiceConfiguration {
    static let keyPrefix = "RETENTION_"
    static let keys = BackboneConfiguration.keys(prefix: keyPrefix)

    let backbone: BackboneConfiguration

    init(reader: inout ConfigurationReader) {
        backbone = BackboneConfiguration(reader: &reader, prefix: Self.keyPrefix)
    }
}
