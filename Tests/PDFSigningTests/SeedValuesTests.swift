// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Cryptography
import PDFSigning
import PDFSyntax
import Testing

@Suite struct SeedValuesTests {
    private func refusal(
        _ seed: String, reason: String? = nil, certification: CertificationLevel? = nil,
        timestamping: SignatureTimestamping? = nil
    ) throws -> String? {
        let base = SampleDocument.onePage(
            catalog: "/AcroForm<</Fields[4 0 R]/SigFlags 3>>", page: "/Annots[4 0 R]",
            objects: ["<</FT/Sig/T(a)/Subtype/Widget/Rect[0 0 0 0]/F 132/P 3 0 R/SV<</Type/SV\(seed)>>>>"])
        let request = SignatureRequest(
            fieldName: "a", signerName: nil, reason: reason, signingTime: SigningFixture.time,
            certification: certification)
        do {
            _ = try PreparedSignature.prepare(
                document: PDFDocument(source: ArraySource(base)), request: request,
                credential: SigningFixture.p256.get().credential, timestamping: timestamping)
            return nil
        } catch let error as PDFError {
            return error.detail
        }
    }

    @Test(arguments: [
        "/SubFilter[/adbe.pkcs7.detached]", "/SubFilter[/adbe.pkcs7.detached/ETSI.CAdES.detached]/Ff 2",
        "/Filter/Adobe.PPKLite/Ff 1", "/V 2/Ff 4", "/DigestMethod[(SHA512)(SHA256)]/Ff 64", "/AddRevInfo false/Ff 32",
        "/LockDocument/auto/Ff 128", "/MDP<</P 0>>", "/TimeStamp<</URL(http://tsa)/Ff 0>>", "/Cert<</Ff 0/Subject[]>>",
        "/Reasons[(other)]",
    ])
    func `a demand that is met, or only a suggestion, is no obstacle`(seed: String) throws {
        #expect(try refusal(seed) == nil)
    }

    @Test(arguments: [
        ("/SubFilter[/adbe.pkcs7.detached]/Ff 2", "/SubFilter"), ("/Filter/Other/Ff 1", "/Filter"), ("/V 4/Ff 4", "/V"),
        ("/DigestMethod[(SHA512)]/Ff 64", "/DigestMethod"), ("/AddRevInfo true/Ff 32", "/AddRevInfo"),
        ("/LockDocument/true/Ff 128", "/LockDocument"), ("/MDP<</P 2>>", "/MDP"),
        ("/TimeStamp<</URL(http://tsa)/Ff 1>>", "/TimeStamp"), ("/Cert<</Ff 1/Subject[<3000>]>>", "/Subject"),
        ("/Cert<</Ff 2/Issuer[<3000>]>>", "/Issuer"), ("/Cert<</Ff 8/SubjectDN[<</CN(x)>>]>>", "/SubjectDN"),
        ("/Cert<</Ff 32/KeyUsage[(0)]>>", "/KeyUsage"), ("/AppearanceFilter(seal)/Ff 256", "/AppearanceFilter"),
        ("/Reasons[(approved)]/Ff 8", "/Reasons"),
    ])
    func `a demand that is not met is refused by its name`(seed: String, name: String) throws {
        #expect(try refusal(seed)?.contains(name) == true)
    }

    @Test func `reasons, certification and timestamp are what they are demanded to be`() throws {
        #expect(try refusal("/Reasons[(approved)(seen)]/Ff 8", reason: "seen") == nil)
        #expect(try refusal("/Reasons[(.)]/Ff 8") == nil)
        #expect(try refusal("/Reasons[(.)]/Ff 8", reason: "seen")?.contains("/Reasons") == true)
        #expect(try refusal("/MDP<</P 2>>", certification: .formFilling) == nil)
        #expect(try refusal("/MDP<</P 0>>", certification: .formFilling)?.contains("/MDP") == true)
        let timestamping = SignatureTimestamping(expectedBytes: 10) { _ in nil }
        #expect(try refusal("/TimeStamp<</Ff 1>>", timestamping: timestamping) == nil)
        #expect(try refusal("/LegalAttestation[(x)]/Ff 16") == nil)
        #expect(
            try refusal("/LegalAttestation[(x)]/Ff 16", certification: .formFilling)?.contains("Legal") == true)
    }
}
