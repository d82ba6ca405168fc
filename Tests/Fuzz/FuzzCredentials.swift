// SPDX-License-Identifier: Apache-2.0
import Clocks
import Cryptography
import HTTPClient
import PDFSigning
import Revocation
import Timestamping

/// A signer, a timestamp authority and a root that live in this process; nothing is asked over a network.
struct FuzzCredentials {
    let time = Instant(microseconds: 1_795_176_000_000_000)
    let root: Certificate
    let signer: DocumentSigner
    let raising: LevelRaising
    /// What reads the requests that an authority gets.
    let stamps: TimestampResponder

    init() throws {
        let time = time
        let clock = BusinessClock { time }
        let key = try PrivateKey.generate(.p256)
        func certificate(_ name: String, _ profile: CertificateBuilder.Profile) -> CertificateBuilder {
            CertificateBuilder(
                subject: DistinguishedName(commonName: name), profile: profile,
                notBefore: time.advanced(bySeconds: -86_400), notAfter: time.advanced(bySeconds: 86_400))
        }
        let root = try certificate("Fuzz", .root).selfSigned(by: key)
        let stampKey = try PrivateKey.generate(.p256)
        let stamps = try TimestampResponder(
            key: stampKey,
            certificate: certificate("Fuzz time", .timestamping).issued(
                for: stampKey.publicKey(), by: root, key: key),
            issuers: [], policy: "1.2.3", clock: clock)
        signer = DocumentSigner(
            credential: try SigningCredential(chain: [root], algorithm: .ecdsaSHA256) {
                try key.sign(digest: $0, algorithm: .ecdsaSHA256)
            },
            timestamping: SignatureTimestamping(expectedBytes: 4_096) { value in
                let request = try TimestampRequest(algorithm: .sha256, imprint: SHA256.digest(of: value))
                return try TimestampResponse(der: stamps.response(to: request.der)).tokenDER
            })
        let session = try HTTPSession()
        // Without a budget nobody is asked, whatever addresses a document names.
        raising = LevelRaising(
            timestamps: TimestampAuthorityClient(
                TimestampConfiguration(authorities: []), session: session, clock: clock),
            revocation: RevocationClient(RevocationConfiguration(anchors: [root]), session: session, clock: clock),
            timestampBudgetSeconds: 0, revocationBudgetSeconds: 0)
        self.root = root
        self.stamps = stamps
    }
}
