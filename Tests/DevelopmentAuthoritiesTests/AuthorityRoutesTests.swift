// SPDX-License-Identifier: Apache-2.0
import Clocks
import Cryptography
import DevelopmentAuthorities
import Foundation
import HTTPServer
import Keys
import Testing

@Suite struct AuthorityRoutesTests {
    private static let now = Instant(microseconds: 1_795_176_000_000_000)
    private let folder: String
    private let authority: DevelopmentAuthority
    private let router: Router

    init() throws {
        let clock = BusinessClock { Self.now }
        folder = FileManager.default.temporaryDirectory.appending(path: "paraph-\(UUID().uuidString)").path
        try DevelopmentAuthority.create(
            at: folder + "/ca", address: "http://127.0.0.1:1", now: Self.now, ids: .uuidv7(clock: clock))
        authority = try DevelopmentAuthority(at: folder + "/ca")
        router = try AuthorityRoutes(authority: authority, clock: clock).router
    }

    private func get(_ path: String) async throws -> [UInt8] {
        try body(await router.respond(to: HTTPRequest(method: .get, path: path)))
    }

    private func post(_ path: String, _ bytes: [UInt8]) async throws -> [UInt8] {
        try body(
            await router.respond(
                to: HTTPRequest(method: .post, path: path, body: HTTPRequestBody(bytes: bytes))))
    }

    private func body(_ response: HTTPResponse) throws -> [UInt8] {
        guard case .bytes(let bytes) = response.body, response.status == 200 else {
            throw CryptographyError.invalidArgument("status \(response.status)")
        }
        return bytes
    }

    @Test func `timestamps lead to the root`() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let request = try TimestampRequest(algorithm: .sha256, imprint: SHA256.digest(of: []))
        let response = try TimestampResponse(der: await post("/timestamp", request.der))
        let token = try TimestampToken(der: #require(response.tokenDER))
        let signer = try #require(token.signer)
        #expect(token.verifySignature() && token.policy == DevelopmentAuthority.timestampPolicy)
        #expect(
            try CertificatePath.find(
                leaf: signer, candidates: token.certificates, anchors: [authority.root], at: Self.now
            ).certificates == [signer, authority.issuing, authority.root])
    }

    @Test func `a seal is good until it is revoked, by both ways of asking and in the list`() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (_, chain) = try authority.issueSeal(organization: "Example Ltd", kind: .p256, now: Self.now)
        #expect(chain[0].addresses.ocsp == ["http://127.0.0.1:1/ocsp"])
        let request = try OCSPRequest(certificate: chain[0], issuer: authority.issuing, nonce: true)
        let good = try OCSPResponse(der: await post("/ocsp", request.der))
        #expect(good.entry(for: chain[0], issuer: authority.issuing)?.status == .good)
        try authority.revoke(chain[0], reason: .superseded, now: Self.now)
        try authority.revoke(chain[0], reason: .keyCompromise, now: Self.now)
        let expected = RevocationStatus.revoked(at: Self.now, reason: .superseded)
        let base64 = Data(request.der).base64EncodedString()
        let path = try #require(base64.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
        let revoked = try OCSPResponse(der: await get("/ocsp/\(path)"))
        #expect(try revoked.verify(issuer: authority.issuing).hasNoCheck)
        #expect(revoked.entry(for: chain[0], issuer: authority.issuing)?.status == expected)
        let list = try RevocationList(der: await get("/issuing.crl"))
        #expect(try list.status(of: chain[0], issuer: authority.issuing) == expected)
        #expect(try DevelopmentAuthority(at: folder + "/ca").revoked().count == 1)
    }

    @Test func `the issuing authority is on the root's list, and both are there to be fetched`() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let list = try RevocationList(der: await get("/root.crl"))
        #expect(try list.status(of: authority.issuing, issuer: authority.root) == .good)
        #expect(authority.issuing.addresses.revocationLists == ["http://127.0.0.1:1/root.crl"])
        #expect(try await get("/issuing.cer") == authority.issuing.der)
        #expect(try await get("/root.cer") == authority.root.der)
    }
}
