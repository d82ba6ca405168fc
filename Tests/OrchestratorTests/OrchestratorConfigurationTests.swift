// SPDX-License-Identifier: Apache-2.0
import Configuration
import ServiceKit
import Testing

@testable import Orchestrator

@Suite struct OrchestratorConfigurationTests {
    @Test func `OPS-01: without settings the defaults hold, and every key is listed`() throws {
        var reader = ConfigurationReader(environment: [:])
        let configuration = OrchestratorConfiguration(reader: &reader)
        try reader.finish(
            servicePrefix: OrchestratorConfiguration.keyPrefix, declared: OrchestratorConfiguration.keys)
        #expect(configuration.batchSize == 100)
        #expect(configuration.reissueSeconds == 60)
        #expect(OrchestratorConfiguration.keys.allSatisfy { $0.name.hasPrefix(OrchestratorConfiguration.keyPrefix) })
    }

    @Test func `OPS-01: all mistakes are reported together`() {
        var reader = ConfigurationReader(environment: [
            "ORCHESTRATOR_BATCH_SIZE": "0", "ORCHESTRATOR_EXPIRY_GRACE": "soon", "ORCHESTRATOR_TYPO": "1",
        ])
        _ = OrchestratorConfiguration(reader: &reader)
        #expect {
            try reader.finish(
                servicePrefix: OrchestratorConfiguration.keyPrefix, declared: OrchestratorConfiguration.keys)
        } throws: { error in
            (error as? ConfigurationError)?.mistakes.count == 3
        }
    }
}
