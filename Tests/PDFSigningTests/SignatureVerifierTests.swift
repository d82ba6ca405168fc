// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Foundation
import PDFSigning
import PDFSyntax
import PDFVerification
import Testing

struct SignatureVerifierTests {
    private func verify(_ bytes: [UInt8]) throws -> VerificationReport {
        try SignatureVerifier(source: ArraySource(bytes)).verify(VerificationPolicy(time: SigningFixture.time))
    }

    @Test func `SIG-03: the first signature still stands after the second`() async throws {
        let report = try verify(try await SampleDocument.signed(SigningFixture.p256.get()))
        #expect(report.isIntact)
        #expect(report.signatures.map(\.field) == ["first", "second"])
        #expect(report.signatures.map(\.coverage) == [.wholeRevision, .wholeFile])
        #expect(report.signatures.map(\.integrity) == [.intact, .intact])
        #expect(report.signatures.map(\.level) == ["B-B", "B-B"])
        #expect(report.signatures[0].signer == "Zoë Miller")
        #expect(report.signatures[0].certificateName == "Test seal")
    }

    @Test func `SIG-04: any changed byte of what was signed is found`() async throws {
        let signed = try await SampleDocument.signed(SigningFixture.p256.get())
        let text = String(decoding: signed.map { $0 < 0x80 ? $0 : 0x3F }, as: UTF8.self)
        let contents = try #require(text.ranges(of: "/Contents <").last)
        let hole = text.utf8.distance(from: text.startIndex, to: contents.upperBound)
        let holeEnd = try #require(signed[hole...].firstIndex(of: UInt8(ascii: ">")))
        for position in stride(from: 0, to: signed.count, by: 23) where !(hole..<holeEnd).contains(position) {
            var changed = signed
            changed[position] ^= 0x01
            #expect((try? verify(changed))?.isIntact != true, "byte \(position)")
        }
    }

    @Test func `bytes added behind the last revision are not covered`() async throws {
        let signed = try await SampleDocument.signed(SigningFixture.p256.get())
        let report = try verify(signed + Array("% more\n".utf8))
        #expect(!report.isIntact)
        #expect(report.signatures.map(\.coverage) == [.wholeRevision, .wholeRevision])
    }

    @Test func `a document without signatures is not intact`() throws {
        #expect(try !verify(SampleDocument.prepared()).isIntact)
    }

    @Test func `a byte range that leaves out more than the signature is invalid`() async throws {
        var signed = try await SampleDocument.signed(SigningFixture.p256.get())
        let text = String(decoding: signed.map { $0 < 0x80 ? $0 : 0x3F }, as: UTF8.self)
        let ranges = text.ranges(of: "/ByteRange [0 ")
        let last = try #require(ranges.last)
        let position = text.utf8.distance(from: text.startIndex, to: last.upperBound)
        signed[position] = signed[position] == UInt8(ascii: "9") ? UInt8(ascii: "1") : signed[position] + 1
        #expect(try verify(signed).signatures.last?.coverage == .invalid)
    }

    @Test func `the report has the words of the command`() async throws {
        let report = try verify(try await SampleDocument.signed(SigningFixture.p256.get()))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let json = String(decoding: try encoder.encode(report), as: UTF8.self)
        #expect(json.contains("\"changes_after\":\"permitted\""))
        #expect(json.contains("\"coverage\":\"whole_revision\""))
        #expect(try JSONDecoder().decode(VerificationReport.self, from: Data(json.utf8)) == report)
    }

    @Test func `cut documents end in a report or a refusal`() async throws {
        let signed = try await SampleDocument.signed(SigningFixture.p256.get())
        for end in stride(from: 0, to: signed.count, by: 97) {
            #expect((try? verify(Array(signed[..<end])))?.signatures.allSatisfy { $0.integrity == .intact } != false)
        }
    }
}
