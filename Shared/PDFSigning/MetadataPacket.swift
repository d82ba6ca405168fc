// SPDX-License-Identifier: Apache-2.0
import PDFSyntax

/// The document's XMP packet (ISO 32000-2, 14.3.2), made strict before the first signature.
///
/// Readers that compare revisions read it again at each signature; one that is not UTF-8, or lacks the `x:xmpmeta`
/// around its RDF, makes some of them call every later signature a change that was not permitted.
enum MetadataPacket {
    private static let maximumBytes = 1 << 20
    private static let opening = #"<x:xmpmeta xmlns:x="adobe:ns:meta/">"#
    private static let closing = "</x:xmpmeta>"

    /// Writes the packet again where it has to be; leaves it alone where it cannot be understood.
    static func normalize(in draft: inout RevisionDraft) throws(PDFError) {
        guard let reference = draft.document.catalog["Metadata"]?.referenceValue,
            let stream = try? draft.document.object(reference), case .stream(let stream) = stream,
            let data = try? draft.document.data(of: stream), data.count <= maximumBytes
        else { return }
        let strict = strict(data)
        let isClear = draft.document.encryption?.encryptsMetadata == false
        guard strict != nil || (isClear && !isMarkedClear(stream.dictionary)) else { return }
        var dictionary = stream.dictionary
        // PDF/A-1 (6.7.2) forbids filters on metadata.
        for key in ["Filter", "DecodeParms", "DL"] { dictionary[key] = nil }
        if isClear { markClear(&dictionary) }
        draft.update.write(dictionary, data: strict ?? data, at: reference)
    }

    // MARK: Clear metadata of encrypted documents

    /// Readers decrypt what does not say itself that it is clear (ISO 32000-2, 7.6.6), whatever `/EncryptMetadata` says.
    private static func markClear(_ dictionary: inout PDFDictionary) {
        dictionary["Filter"] = .array([.name("Crypt")])
        dictionary["DecodeParms"] = .array([
            .dictionary(PDFDictionary([("Type", .name("CryptFilterDecodeParms")), ("Name", .name("Identity"))]))
        ])
    }

    private static func isMarkedClear(_ dictionary: PDFDictionary) -> Bool {
        dictionary["Filter"] == .name("Crypt") || dictionary["Filter"]?.arrayValue?.contains(.name("Crypt")) == true
    }

    // MARK: XMP

    /// The packet as strict readers want it; nil when it is that already, or nothing that looks like XMP.
    static func strict(_ data: [UInt8]) -> [UInt8]? {
        let isUTF8 = String(validating: data, as: UTF8.self) != nil && !data.starts(with: [0xFE, 0xFF])
        var text: String
        if data.starts(with: [0xFE, 0xFF]) || data.starts(with: [0xFF, 0xFE]) {
            text = utf16(data)
        } else {
            text = String(decoding: data, as: UTF8.self)
        }
        guard let start = text.firstRange(of: "<rdf:RDF"), let end = text.ranges(of: "</rdf:RDF>").last,
            start.upperBound <= end.lowerBound
        else { return nil }
        let isWrapped = text.contains("xmpmeta") && text.contains("adobe:ns:meta/")
        if isUTF8, isWrapped { return nil }
        if !isWrapped {
            text.insert(contentsOf: closing, at: end.upperBound)
            text.insert(contentsOf: opening, at: start.lowerBound)
        }
        // What stood for bytes that are no text: mostly the byte order mark of the packet's header.
        return Array(text.replacing("\u{FFFD}", with: "").utf8)
    }

    private static func utf16(_ data: [UInt8]) -> String {
        let high = data[0] == 0xFE ? 0 : 1
        let units = stride(from: 2, to: data.count - 1, by: 2).map { index -> UInt16 in
            UInt16(data[index + high]) << 8 | UInt16(data[index + 1 - high])
        }
        return String(decoding: units, as: UTF16.self)
    }
}
