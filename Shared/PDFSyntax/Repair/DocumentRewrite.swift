// SPDX-License-Identifier: Apache-2.0
import ByteCoding

/// Writes a document as one section with a table (ISO 32000-2, 7.5.4), every object once.
struct DocumentRewrite {
    let file: RecoveredFile
    let objects: ReachableObjects
    let roots: RecoveredRoots

    func write(
        catalog: PDFReference, identifier: [UInt8], original: any ByteSource
    ) throws(PDFError) -> RewrittenSource {
        var output = RewrittenSource(original)
        let version = file.scan.version ?? "1.7"
        output.append { $0 += Array("%PDF-\(version)\n%".utf8) + [0xE2, 0xE3, 0xCF, 0xD3, 0x0A] }
        var offsets: [Int] = []
        for (index, reference) in objects.references.enumerated() {
            offsets.append(output.size)
            try write(reference, number: index + 1, to: &output)
        }
        var trailer = PDFDictionary([("Size", .integer(offsets.count + 1))])
        trailer["Root"] = objects.renumbered(catalog).map(PDFObject.reference)
        trailer["Info"] = roots.information.flatMap(objects.renumbered).map(PDFObject.reference)
        trailer["ID"] = .array([.string(roots.identifier ?? identifier), .string(identifier)])
        writeTable(offsets, trailer: trailer, to: &output)
        return output
    }

    private func write(
        _ reference: PDFReference, number: Int, to output: inout RewrittenSource
    ) throws(PDFError) {
        let object = try file.object(reference) ?? .null
        guard case .stream(let stream) = object, let data = file.data(of: reference.number) else {
            output.append { bytes in
                begin(number, &bytes)
                PDFSerializer.append(objects.renumbered(object), to: &bytes)
                bytes.append(ascii: "\nendobj\n")
            }
            return
        }
        var dictionary = stream.dictionary
        dictionary["Length"] = .integer(data.count)
        output.append { bytes in
            begin(number, &bytes)
            PDFSerializer.append(objects.renumbered(dictionary), to: &bytes)
            bytes.append(ascii: "\nstream\n")
        }
        output.append(original: data)
        output.append { $0.append(ascii: "\nendstream\nendobj\n") }
    }

    private func begin(_ number: Int, _ bytes: inout [UInt8]) {
        bytes.append(decimal: number)
        bytes.append(ascii: " 0 obj\n")
    }

    private func writeTable(_ offsets: [Int], trailer: PDFDictionary, to output: inout RewrittenSource) {
        let start = output.size
        output.append { bytes in
            bytes.append(ascii: "xref\n0 \(offsets.count + 1)\n0000000000 65535 f\r\n")
            for offset in offsets {
                bytes.append(decimal: offset, width: 10)
                bytes.append(ascii: " 00000 n\r\n")
            }
            bytes.append(ascii: "trailer\n")
            PDFSerializer.append(trailer, to: &bytes)
            bytes.append(ascii: "\nstartxref\n\(start)\n%%EOF\n")
        }
    }
}
