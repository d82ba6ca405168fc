// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Foundation
import PDFSyntax
import Testing

@Suite(.enabled(if: Corpus.folder != nil, "needs ../shared/corpus"))
struct EncryptionTests {
    private func passwords() throws -> [String: String] {
        guard let folder = Corpus.folder else { return [:] }
        let text = try String(contentsOfFile: folder + "/../manifest.tsv", encoding: .utf8)
        return text.split(separator: "\n").dropFirst().reduce(into: [:]) { result, line in
            let columns = line.split(separator: "\t", omittingEmptySubsequences: false)
            if columns.count > 7 { result[String(columns[0])] = String(columns[7]) }
        }
    }

    @Test func `every encrypted file of the corpus opens with its password, and its first page can be read`() throws {
        let passwords = try passwords()
        let expectations = try Corpus.expectations()
        var opened = 0
        for (name, bytes) in try Corpus.files() where expectations[name]?.hasPrefix("signable") == true {
            let password = passwords[name].flatMap { $0.isEmpty ? nil : $0 }
            guard let document = try? PDFDocument(source: ArraySource(bytes), password: password) else {
                #expect(password == nil, "\(name)")
                continue
            }
            guard document.encryption != nil else { continue }
            opened += 1
            let page = try document.page(at: 0)
            let content = try document.resolved(page.dictionary["Contents"])
            let first = try document.resolved(content.arrayValue?.first ?? content)
            guard case .stream(let stream) = first, stream.dictionary["Filter"]?.arrayValue == nil else { continue }
            let text = String(decoding: try document.data(of: stream), as: UTF8.self)
            #expect(text.contains("BT") || text.contains(" re") || text.contains(" cm"), "\(name)")
        }
        #expect(opened == 8)
    }

    @Test func `what no password opens is refused with the reason`() throws {
        let reasons = [
            "pyhanko__minimal-pubkey-aes256.pdf": "certificates of its recipients",
            "pyhanko__signed-encrypted-pubkey-with-catalog-ref.pdf": "certificates of its recipients",
            "qpdf__enc-XI-R6_V5_U_attachment_encrypted-attachments.pdf": "password",
        ]
        for (name, bytes) in try Corpus.files() {
            guard let reason = reasons[name] else { continue }
            #expect { try PDFDocument(source: ArraySource(bytes)) } throws: { error in
                guard let error = error as? PDFError else { return false }
                return error.code == .encrypted && error.detail.contains(reason)
            }
        }
    }

    @Test func `damaged encryption dictionaries and ciphertexts end in a document or a refusal`() throws {
        var generator = SeededGenerator(seed: 11)
        for (name, original) in try Corpus.files() where original.count < 40_000 {
            guard String(decoding: original, as: UTF8.self).contains("/Encrypt") else { continue }
            let password = try passwords()[name]
            for _ in 0..<40 {
                var bytes = original
                for _ in 0..<Int.random(in: 1...20, using: &generator) {
                    bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(
                        in: 0...255, using: &generator)
                }
                _ = try? PDFDocument(source: ArraySource(bytes), password: password).checkSignable()
            }
        }
    }
}
