// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import PDFSyntax
import Testing

@testable import PDFSigning

@Suite struct MetadataPacketTests {
    private static let rdf = "<rdf:RDF xmlns:rdf='r'><rdf:Description/></rdf:RDF>"
    private static let wrapped = "<x:xmpmeta xmlns:x='adobe:ns:meta/'>\(rdf)</x:xmpmeta>"

    @Test func `a packet that strict readers take is left alone`() {
        #expect(MetadataPacket.strict(Array(Self.wrapped.utf8)) == nil)
        #expect(MetadataPacket.strict(Array("no XMP at all".utf8)) == nil)
        #expect(MetadataPacket.strict([]) == nil)
        #expect(MetadataPacket.strict([0xFE, 0xFF]) == nil)
    }

    @Test func `RDF gets the element around it, wide text and stray bytes become UTF-8`() throws {
        let bare = try #require(MetadataPacket.strict(Array("<?xpacket?>\(Self.rdf)<?xpacket?>".utf8)))
        #expect(
            String(decoding: bare, as: UTF8.self)
                == #"<?xpacket?><x:xmpmeta xmlns:x="adobe:ns:meta/">\#(Self.rdf)</x:xmpmeta><?xpacket?>"#)
        var wide: [UInt8] = [0xFE, 0xFF]
        for unit in Self.wrapped.utf16 { wide += [UInt8(unit >> 8), UInt8(unit & 255)] }
        #expect(MetadataPacket.strict(wide) == Array(Self.wrapped.utf8))
        let stray = Array("<?xpacket begin='".utf8) + [0xEF, 0xBB, 0x3F] + Array("'?>\(Self.wrapped)".utf8)
        #expect(MetadataPacket.strict(stray).map { String(validating: $0, as: UTF8.self) != nil } == true)
    }

    @Test func `the packet is made strict in the first signed revision and never later`() async throws {
        let metadata = "<</Type/Metadata/Subtype/XML/Length \(Self.rdf.utf8.count)>>\nstream\n\(Self.rdf)\nendstream"
        let base = SampleDocument.onePage(catalog: "/Metadata 4 0 R", objects: [metadata])
        let fixture = try SigningFixture.p256.get()
        var request = fixture.request("a")
        request.missingField = .add(nil)
        let signer = DocumentSigner(credential: try fixture.credential)
        let once = try await signer.sign(base, opened: PDFDocument(source: ArraySource(base)), request: request)
        #expect(String(decoding: once[base.count...], as: UTF8.self).contains("xmpmeta"))
        request.fieldName = "b"
        let twice = try await signer.sign(once, opened: PDFDocument(source: ArraySource(once)), request: request)
        #expect(!String(decoding: twice[once.count...], as: UTF8.self).contains("xmpmeta"))
    }
}
