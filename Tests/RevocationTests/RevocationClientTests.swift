// SPDX-License-Identifier: Apache-2.0
import Clocks
import Cryptography
import HTTPClient
import HTTPServer
import Revocation
import Testing

@Suite struct RevocationClientTests {
    @Test func `a path is proven by OCSP where there is a responder, and by lists above it`() async throws {
        try await RevocationStage.run { stage in
            let data = try await stage.data()
            #expect(Set(data.certificates) == [stage.leaf, stage.issuing, stage.root, stage.responder])
            #expect(data.responses.count == 1 && data.lists.count == 1)
            #expect(data.responses[0].entry(for: stage.leaf, issuer: stage.issuing)?.status == .good)
            #expect(data.currentUntil == RevocationStage.now.advanced(bySeconds: 600))
        }
    }

    @Test func `a responder without ocsp-nocheck is looked up in its issuer's list`() async throws {
        try await RevocationStage.run(hasNoCheck: false) { stage in
            let data = try await stage.data()
            #expect(data.responses.count == 1 && data.lists.count == 2)
            stage.revoke(stage.responder)
            await #expect(throws: RevocationError.self) { try await stage.data() }
        }
    }

    @Test func `what was fetched is used until it is outdated`() async throws {
        try await RevocationStage.run { stage in
            let client = try stage.client()
            _ = try await stage.data(client)
            let calls = stage.calls.count
            stage.clock.advance(bySeconds: 599)
            _ = try await stage.data(client)
            #expect(stage.calls.count == calls)
            stage.clock.advance(bySeconds: 2)
            let data = try await stage.data(client)
            #expect(stage.calls.count > calls && !stage.calls.dropFirst(calls).contains("GET /root.crl"))
            #expect(data.currentUntil == RevocationStage.now.advanced(bySeconds: 601 + 600))
        }
    }

    @Test func `a revoked certificate is told with time and reason, by OCSP and by list`() async throws {
        try await RevocationStage.run { stage in
            stage.revoke(stage.leaf)
            let expected = RevocationError.revoked(
                subject: "Test signer", at: RevocationStage.now.advanced(bySeconds: -60), reason: .keyCompromise)
            await #expect(throws: expected) { try await stage.data() }
            stage.answer("/ocsp", with: HTTPResponse(status: 503))
            await #expect(throws: expected) { try await stage.data() }
        }
    }

    @Test func `a list serves where the responder fails`() async throws {
        try await RevocationStage.run { stage in
            let broken: [HTTPResponse] = [
                HTTPResponse(status: 500), HTTPResponse(status: 200, body: .bytes([])),
                HTTPResponse(status: 200, body: .bytes(SecureRandom.bytes(500))),
                HTTPResponse(status: 200, body: .bytes([UInt8](repeating: 0x30, count: 70_000))),
                HTTPResponse(status: 200, body: .bytes([0x30, 0x03, 0x0A, 0x01, 0x06])),
            ]
            for response in broken {
                stage.answer("/ocsp", with: response)
                let data = try await stage.data()
                #expect(data.responses.isEmpty && data.lists.count == 2)
            }
        }
    }

    @Test func `nobody but the issuer and its responders is believed`() async throws {
        try await RevocationStage.run { stage in
            let key = try PrivateKey.generate(.p256)
            let stranger = try CertificateBuilder(
                subject: DistinguishedName(commonName: "Stranger"), profile: .root,
                notBefore: RevocationStage.now.advanced(bySeconds: -60),
                notAfter: RevocationStage.now.advanced(bySeconds: 60)
            ).selfSigned(by: key)
            let request = try OCSPRequest(certificate: stage.leaf, issuer: stage.issuing, nonce: false)
            stage.answer(
                "/ocsp",
                with: HTTPResponse(status: 200, body: .bytes(try stage.status(request.der, signedBy: (stranger, key)))))
            stage.answer(
                "/issuing.crl",
                with: HTTPResponse(status: 200, body: .bytes(try stage.list(ofRoot: false, issuedByOther: true))))
            await #expect(throws: RevocationError.noStatus(subject: "Test signer", .unusable)) {
                try await stage.data()
            }
        }
    }

    @Test func `outdated lists and missing sources leave the status unknown`() async throws {
        try await RevocationStage.run { stage in
            stage.answer("/ocsp", with: HTTPResponse(status: 404))
            stage.answer(
                "/issuing.crl",
                with: HTTPResponse(
                    status: 200,
                    body: .bytes(
                        try stage.list(ofRoot: false, thisUpdate: RevocationStage.now.advanced(bySeconds: -4_000)))))
            await #expect(throws: RevocationError.noStatus(subject: "Test signer", .outdated)) {
                try await stage.data()
            }
        }
        let silent = CertificateAddresses(ocsp: ["ldap://127.0.0.1/"], revocationLists: ["file:///etc/passwd"])
        try await RevocationStage.run(leafAddresses: silent) { stage in
            await #expect(throws: RevocationError.noStatus(subject: "Test signer", .noAddress)) {
                try await stage.data()
            }
        }
    }

    @Test func `missing issuers are fetched, and only then is there no path`() async throws {
        try await RevocationStage.run { stage in
            let client = try stage.client()
            let data = try await client.validationData(for: stage.leaf, candidates: [], budgetSeconds: 20)
            #expect(data.certificates.contains(stage.issuing) && stage.calls.contains("GET /issuing.cer"))
            stage.answer("/issuing.cer", with: HTTPResponse(status: 200, body: .bytes(stage.root.der)))
            await #expect(throws: RevocationError.noPath(subject: "Test signer")) {
                try await stage.client().validationData(for: stage.leaf, candidates: [], budgetSeconds: 20)
            }
        }
    }

    @Test func `without anchors the path ends at the issuer that signs itself`() async throws {
        try await RevocationStage.run { stage in
            let client = try stage.client { $0.anchors = [] }
            let path = try await client.path(of: stage.leaf, candidates: [stage.issuing], budgetSeconds: 20)
            #expect(path.certificates == [stage.leaf, stage.issuing, stage.root])
            stage.answer("/root.cer", with: HTTPResponse(status: 404))
            let shorter = try await client.path(of: stage.leaf, candidates: [stage.issuing], budgetSeconds: 20)
            #expect(shorter.certificates == [stage.leaf, stage.issuing])
        }
    }

    @Test func `addresses of this machine are refused unless they are allowed`() async throws {
        try await RevocationStage.run { stage in
            let client = try stage.client { $0.refusesInternalAddresses = true }
            await #expect(
                throws: RevocationError.noStatus(subject: "Test signer", .transport(.connectFailed))
            ) { try await stage.data(client) }
            #expect(stage.calls.isEmpty)
        }
    }
}
