// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Contracts
import Cryptography
import Envelopes
import Foundation
import Keys
import Logging
import Messaging
import Metrics
import PDFVerification
import TestSupport
import Testing

@testable import Signer

@Suite(.serialized, .enabled(if: TestToken.isInstalled, "softhsm2 is not installed"))
struct TokenSealTests {
    /// Replaces the tenant's seal by a key in the token.
    private func moveSeal(of fixture: SignerFixture, to token: TestToken) async throws -> Certificate {
        let key = try PrivateKey.generate(.p256)
        try token.importKey(key.pem(), label: "seal", id: 1)
        let now = fixture.clock.clock.now()
        let rootKey = try PrivateKey.generate(.p256)
        func builder(_ name: String, _ profile: CertificateBuilder.Profile) -> CertificateBuilder {
            CertificateBuilder(
                subject: DistinguishedName(commonName: name), profile: profile,
                notBefore: now.advanced(bySeconds: -60), notAfter: now.advanced(bySeconds: 1e7))
        }
        let root = try builder("Root", .root).selfSigned(by: rootKey)
        let leaf = try builder("Token seal", .documentSigning).issued(for: key.publicKey(), by: root, key: rootKey)
        let tenant = fixture.tenant.uuid
        let id = try await fixture.installation.importSeal(
            tenant: tenant, tokenURI: token.uri("seal"), chainPEM: Certificate.pem([leaf, root]))
        try fixture.installation.noteTrial(tenant: tenant, keyID: id)
        try fixture.installation.activate(tenant: tenant, keyID: id, KeyNote(at: now, by: "test"))
        return leaf
    }

    @Test func `SIG-06, SIG-14: the signer signs with a key in a token, each use on record`() async throws {
        let fixture = try await SignerFixture(kind: .p256)
        let leaf = try await moveSeal(of: fixture, to: try TestToken("signer-seal"))
        let the = fixture.newCase()
        let prepared = try await fixture.prepared(the)
        try await fixture.deliver([try fixture.message(try fixture.signing(the, of: prepared), the, seq: 2)])
        let answer = try #require(try await fixture.answers(DocumentSignedV1.self).first)
        #expect(answer.certificateSHA256.bytes == leaf.sha256)
        let bytes = try await fixture.read(answer.revision)
        let report = try SignatureVerifier(source: ArraySource(bytes)).verify(
            VerificationPolicy(time: BusinessClock.system.now()))
        #expect(report.isIntact)
        #expect(try await fixture.answers(AuditEventV1.self).last?.fact.metadata["key_operations"] == .integer(1))
    }

    @Test func `RES-01: a token that gives no signature is waited for, and the log says what is wrong`() async throws {
        let fixture = try await SignerFixture(kind: .p256)
        let token = try TestToken("signer-away")
        _ = try await moveSeal(of: fixture, to: token)
        let the = fixture.newCase()
        let prepared = try await fixture.prepared(the)
        let message = try fixture.message(try fixture.signing(the, of: prepared), the, seq: 2)
        try FileManager.default.removeItem(atPath: token.pinPath)
        await #expect(throws: TransientFailure(code: "keys_away")) { try await fixture.deliver([message]) }
        #expect(fixture.logs.records.last?.message.hasPrefix("a tenant's key gives no signature") == true)
        try token.changePINFile(to: TestToken.pin)
        try await fixture.deliver([message])
        #expect(try await fixture.answers(DocumentSignedV1.self).count == 1)
    }
}
