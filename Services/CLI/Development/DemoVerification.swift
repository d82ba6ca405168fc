// SPDX-License-Identifier: Apache-2.0
import Audit
import ByteCoding
import Clocks
import Cryptography
import Foundation
import PDFVerification

/// The last step of the demonstration: what was downloaded is checked from its bytes and the authority's root alone.
enum DemoVerification {
    /// - Throws: `CommandFailure` when a signature or a link of the chain does not hold.
    static func run(signed: [UInt8], trail: [UInt8], signatures: Int, trust: URL) throws {
        let roots = try Certificate.certificates(pem: Array(Data(contentsOf: trust)))
        let report = try SignatureVerifier(source: ArraySource(signed))
            .verify(VerificationPolicy(trust: roots, time: BusinessClock.system.now()))
        for line in VerificationTable(report, title: "Signatures").lines { Terminal.say(line) }
        guard report.isPassed, report.signatures.count == signatures else {
            throw CommandFailure("expected \(signatures) signatures that pass in the downloaded file")
        }
        switch ChainVerifier.verify(try AuditExport(json: try JSONValue(parsing: trail))) {
        case .intact(let events, _): Terminal.say("Audit chain: intact, \(events) events")
        case .broken(let place): throw CommandFailure("the audit chain does not hold: \(place)")
        }
    }
}
