// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Compression
import Testing

@testable import PDFSyntax

struct FilterTests {
    private func decode(
        _ data: [UInt8], _ entries: String, limits: PDFLimits = .default
    ) throws -> (bytes: [UInt8], account: ReadingAccount) {
        var parser = PDFParser(Array("<<\(entries)>>".utf8), limits: limits)
        let dictionary = try #require(try parser.object().dictionaryValue)
        let account = ReadingAccount(limits: limits)
        let chain = try StreamFilter.chain(dictionary, limits: limits)
        return (try StreamFilter.decode(data[...], chain: chain, at: 0, account: account, limits: limits), account)
    }

    @Test(arguments: [
        ("61 6Z2 6>zz", "ab`"), ("", ""), (">", ""), ("7", "p"),
    ])
    func `hexadecimal text is decoded`(text: String, expected: String) throws {
        #expect(try decode(Array(text.utf8), "/Filter/ASCIIHexDecode").bytes == Array(expected.utf8))
    }

    @Test(arguments: [
        ("9jqo^BlbD-BleB1DJ+*+F(f,q~>", "Man is distinguished"), ("9jqo", "Man"), ("z~>", "\0\0\0\0"),
        ("87cUR\nD]i,\"Ebo80~>", "Hello World!"), ("~>", ""), ("9", ""),
    ])
    func `base-85 text is decoded`(text: String, expected: String) throws {
        #expect(try decode(Array(text.utf8), "/Filter/ASCII85Decode").bytes == Array(expected.utf8))
    }

    @Test func `run lengths are expanded`() throws {
        let data: [UInt8] = [2, 97, 98, 99, 254, 120, 128, 1, 1]
        #expect(try decode(data, "/Filter/RunLengthDecode").bytes == Array("abcxxx".utf8))
        #expect(try decode([5, 97], "/Filter/RL").bytes == [97])
        #expect(try decode([200], "/Filter/RL").bytes == [])
    }

    @Test func `LZW is decoded as in ISO 32000-2, 7.4.4.2, example 1`() throws {
        let data: [UInt8] = [0x80, 0x0B, 0x60, 0x50, 0x22, 0x0C, 0x0C, 0x85, 0x01]
        #expect(try decode(data, "/Filter/LZWDecode").bytes == [45, 45, 45, 45, 45, 65, 45, 45, 45, 66])
    }

    @Test(arguments: [true, false])
    func `LZW with codes of every width is decoded, changed early or not`(isEarly: Bool) throws {
        var generator = SeededGenerator(seed: 11)
        let text = (0..<30_000).map { _ in UInt8.random(in: 0...15, using: &generator) }
        let packed = LZWWriter.encode(text, changesEarly: isEarly)
        let entries = "/Filter/LZWDecode/DecodeParms<</EarlyChange \(isEarly ? 1 : 0)>>"
        #expect(try decode(packed, entries).bytes == text)
        for end in stride(from: 0, to: packed.count, by: 331) { _ = try decode(Array(packed[..<end]), entries) }
    }

    @Test func `filters are undone in their order, each with its own parameters`() throws {
        let plain = (0..<40).map { UInt8($0) }
        let rows = stride(from: 0, to: 40, by: 4).flatMap { [0] + plain[$0..<($0 + 4)] }
        let packed = try Deflate.deflate(rows)
        let hex = Array(packed.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined().utf8)
        let entries = "/Filter[/AHx/FlateDecode]/DecodeParms[null<</Predictor 15/Columns 4>>]"
        #expect(try decode(hex, entries).bytes == plain)
    }

    @Test func `compressed data that ends early gives what stands there`() throws {
        var generator = SeededGenerator(seed: 12)
        let plain = (0..<5_000).map { _ in UInt8.random(in: 0...3, using: &generator) }
        let packed = try Deflate.deflate(plain)
        let half = try decode(Array(packed[..<(packed.count / 2)]), "/Filter/FlateDecode")
        #expect(half.bytes.count > 1_000 && plain.starts(with: half.bytes))
        #expect(half.account.irregularities == .compressedData)
        var wrong = packed
        wrong[wrong.count - 1] ^= 1
        #expect(try decode(wrong, "/Filter/FlateDecode").bytes == plain)
        #expect(try decode(packed + [0, 0, 13], "/Filter/Fl").account.irregularities == [])
        #expect { try decode([1, 2, 3], "/Filter/FlateDecode") } throws: {
            "\($0)".hasPrefix("pdf_damaged: The stream at byte 0 of the file")
        }
    }

    @Test(arguments: ["/Filter/DCTDecode", "/Filter[/XXXDecode]"])
    func `filters for images and unknown ones are not supported`(entries: String) {
        #expect { try decode([1], entries) } throws: { ($0 as? PDFError)?.code == .unsupported }
    }

    @Test(arguments: ["/Filter 7", "/Filter[7]"])
    func `filters that are no names are damaged`(entries: String) {
        #expect { try decode([1], entries) } throws: { ($0 as? PDFError)?.code == .damaged }
    }

    @Test func `bombs end at the limits for a stream, its ratio, the document and the chain`() throws {
        let packed = try Deflate.deflate([UInt8](repeating: 0, count: 3 << 20))
        #expect { try decode(packed, "/Filter/FlateDecode") } throws: { ($0 as? PDFError)?.code == .tooComplex }
        var limits = PDFLimits.default
        limits.maximumInflationRatio = 2_000
        #expect(try decode(packed, "/Filter/FlateDecode", limits: limits).bytes.count == 3 << 20)
        limits.maximumTotalOutput = 1 << 20
        #expect { try decode(packed, "/Filter/FlateDecode", limits: limits) } throws: {
            ($0 as? PDFError)?.code == .tooComplex
        }
        limits = .default
        limits.maximumStreamOutput = 100
        for entries in ["/Filter/RL", "/Filter/A85"] {
            let data = [UInt8](repeating: entries.contains("RL") ? 129 : UInt8(ascii: "z"), count: 60)
            #expect { try decode(data, entries, limits: limits) } throws: { ($0 as? PDFError)?.code == .tooComplex }
        }
        let nine = String(repeating: "/AHx", count: 9)
        #expect { try decode([], "/Filter[\(nine)]") } throws: { ($0 as? PDFError)?.code == .tooComplex }
    }

    @Test func `random data ends in bytes or a refusal`() {
        var generator = SeededGenerator(seed: 13)
        for name in ["FlateDecode", "LZWDecode", "ASCII85Decode", "ASCIIHexDecode", "RunLengthDecode"] {
            for predictor in [1, 2, 12] {
                for _ in 0..<100 {
                    let data = (0..<Int.random(in: 0..<200, using: &generator)).map { _ in
                        UInt8.random(in: 0...255, using: &generator)
                    }
                    let bits = [1, 2, 4, 8, 16].randomElement(using: &generator) ?? 8
                    let parameters = "<</Predictor \(predictor)/Columns 7/Colors 3/BitsPerComponent \(bits)>>"
                    _ = try? decode(data, "/Filter/\(name)/DecodeParms\(parameters)")
                }
            }
        }
    }
}

/// A plain encoder for the tests.
private enum LZWWriter {
    static func encode(_ bytes: [UInt8], changesEarly: Bool) -> [UInt8] {
        var output: [UInt8] = []
        var held = 0
        var bits = 0
        var width = 9
        func emit(_ code: Int) {
            held = held << width | code
            bits += width
            while bits >= 8 {
                bits -= 8
                output.append(UInt8(truncatingIfNeeded: held >> bits))
                held &= 1 << bits - 1
            }
        }
        var codes: [[UInt8]: Int] = [:]
        var next = 258
        emit(256)
        var word: [UInt8] = []
        func code(of word: [UInt8]) -> Int { word.count == 1 ? Int(word[0]) : codes[word] ?? 0 }
        for byte in bytes {
            let longer = word + [byte]
            if longer.count == 1 || codes[longer] != nil {
                word = longer
                continue
            }
            emit(code(of: word))
            codes[longer] = next
            next += 1
            // The decoder learns a code one step later than the encoder.
            let known = next - 1 + (changesEarly ? 1 : 0)
            width = known < 512 ? 9 : known < 1_024 ? 10 : known < 2_048 ? 11 : 12
            if next == 4_094 {
                emit(256)
                codes = [:]
                next = 258
                width = 9
            }
            word = [byte]
        }
        if !word.isEmpty { emit(code(of: word)) }
        emit(257)
        if bits > 0 { output.append(UInt8(truncatingIfNeeded: held << (8 - bits))) }
        return output
    }
}
