// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Cryptography
import PDFSyntax
import Testing

@testable import PDFSigning

struct PreparedSignatureTests {
    private func code(_ body: () throws -> Void) -> PDFError.Code? {
        do {
            try body()
            return nil
        } catch {
            return (error as? PDFError)?.code
        }
    }

    private func prepare(_ base: [UInt8], _ request: SignatureRequest) throws -> PreparedSignature {
        try PreparedSignature.prepare(
            document: PDFDocument(source: ArraySource(base)), request: request,
            credential: SigningFixture.p256.get().credential)
    }

    @Test func `SIG-02: the byte range leaves out exactly the contents with their brackets`() throws {
        let fixture = try SigningFixture.p256.get()
        let base = try SampleDocument.prepared()
        let prepared = try prepare(base, fixture.request("first"))
        #expect(prepared.baseSize == base.count)
        #expect(try prepared.contentsRange.count == fixture.reservedBytes * 2)
        #expect(prepared.update[prepared.contentsRange].allSatisfy { $0 == UInt8(ascii: "0") })
        #expect(prepared.update[prepared.contentsRange.lowerBound - 1] == UInt8(ascii: "<"))
        #expect(prepared.update[prepared.contentsRange.upperBound] == UInt8(ascii: ">"))
        let document = try PDFDocument(source: ArraySource(base + prepared.update))
        let field = try #require(try document.formField("first"))
        let dictionary = try #require(try document.resolved(field.dictionary["V"]).dictionaryValue)
        let start = base.count + prepared.contentsRange.lowerBound - 1
        let end = base.count + prepared.contentsRange.upperBound + 1
        #expect(
            dictionary["ByteRange"] == .array([0, start, end, document.size - end].map(PDFObject.integer)))
        #expect(dictionary["SubFilter"] == .name("ETSI.CAdES.detached"))
        #expect(dictionary["M"] == .string(Array("D:20261120120000Z".utf8)))
        var hasher = DigestHasher(.sha256)
        hasher.update(base)
        let whole = base + prepared.update
        #expect(prepared.digest(baseHash: hasher) == SHA256.digest(of: Array(whole[..<start] + whole[end...])))
    }

    @Test func `the placeholder of the largest file still fits`() {
        var bytes = [UInt8](repeating: 0x20, count: SignedByteRange.placeholderWidth)
        SignedByteRange(gap: (Int.max - 9)..<(Int.max - 5), end: Int.max).write(to: &bytes, at: 0)
        #expect(bytes.count == SignedByteRange.placeholderWidth)
    }

    @Test func `a revision fills its signer's fields, adds none and moves none`() async throws {
        let base = try SampleDocument.prepared()
        let signed = try await SampleDocument.signed(SigningFixture.p256.get())
        let before = try PDFDocument(source: ArraySource(base)).formFields()
        let document = try PDFDocument(source: ArraySource(signed))
        let after = try document.formFields()
        #expect(before.map(\.name) == after.map(\.name))
        #expect(before.map(\.reference) == after.map(\.reference))
        #expect(before.map { $0.dictionary["Rect"] } == after.map { $0.dictionary["Rect"] })
        #expect(after.count { $0.isSigned } == 2)
        let text = try #require(try document.formField("first-text")).dictionary
        #expect(text["V"] == PDFSerializer.textString("Zürich (CH)"))
        #expect(try document.formField("first-tick")?.dictionary["AS"] == .name("Yes"))
        #expect(signed.starts(with: base))
    }

    @Test func `equal requests give equal bytes, also of the RSA signature`() async throws {
        let fixture = try SigningFixture.rsa.get()
        let base = try SampleDocument.prepared()
        let first = try await fixture.sign(base, "first", values: SampleDocument.firstValues)
        #expect(try await fixture.sign(base, "first", values: SampleDocument.firstValues) == first)
    }

    @Test func `a field that is missing, signed or of another kind is refused`() async throws {
        let fixture = try SigningFixture.p256.get()
        let base = try SampleDocument.prepared()
        #expect(code { _ = try prepare(base, fixture.request("nobody")) } == .fieldMissing)
        #expect(code { _ = try prepare(base, fixture.request("first-text")) } == .fieldMissing)
        let wrong = [FieldValue(name: "first-text", content: .checked(true))]
        #expect(code { _ = try prepare(base, fixture.request("first", values: wrong)) } == .fieldMissing)
        let doubled = SampleDocument.firstValues + SampleDocument.firstValues
        #expect(code { _ = try prepare(base, fixture.request("first", values: doubled)) } == .fieldNameTaken)
        let signed = try await fixture.sign(base, "first")
        #expect(code { _ = try prepare(signed, fixture.request("first")) } == .fieldMissing)
    }

    @Test func `a signature that does not fit is refused`() throws {
        let fixture = try SigningFixture.p256.get()
        let prepared = try prepare(SampleDocument.prepared(), fixture.request("first"))
        let tooLong = try [UInt8](repeating: 1, count: fixture.reservedBytes + 1)
        #expect(code { _ = try prepared.embedding(cms: tooLong) } == .placeholderTooSmall)
    }

    @Test func `appearance lines say who, how, who sealed, when in UTC, and what it means`() {
        #expect(
            SigningFixtureLines.lines == [
                "Signed by Zoë (e-mail link)", "Sealed by Example Ltd", "2026-11-20 12:00:00 UTC", "I agree",
            ])
    }
}

private enum SigningFixtureLines {
    static let lines = SignatureAppearance.lines(
        signerName: "Zoë", method: "e-mail link", organisation: "Example Ltd", signingTime: SigningFixture.time,
        meaning: "I agree")
}
