// SPDX-License-Identifier: Apache-2.0
import Compression
import Testing

@Suite struct ZlibTests {
    private static func patterned(_ size: Int) -> [UInt8] {
        (0..<size).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 13) }
    }

    @Test(arguments: [0, 1, 100, 65_535, 65_536, 65_537, 1_000_000])
    func `what was deflated inflates again`(size: Int) throws {
        let bytes = Self.patterned(size)
        for level in [Deflate.Level.fast, .balanced, .smallest] {
            let deflated = try Deflate.deflate(bytes, level: level)
            #expect(try Inflate.inflate(deflated, maximumBytes: size) == bytes)
        }
    }

    @Test func `a stream is the one other zlib writers make`() throws {
        let stream: [UInt8] = [0x78, 0x9C, 0xCB, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x06, 0x2C, 0x02, 0x15]
        #expect(try Inflate.inflate(stream, maximumBytes: 100) == Array("hello".utf8))
        #expect(try Deflate.deflate(Array("hello".utf8)) == stream)
    }

    @Test func `one byte more than the cap is refused`() throws {
        let deflated = try Deflate.deflate([UInt8](repeating: 0, count: 100_000_000), level: .fast)
        #expect(throws: CompressionError.tooLarge(maximumBytes: 1_000_000)) {
            try Inflate.inflate(deflated, maximumBytes: 1_000_000)
        }
        let small = try Deflate.deflate([1, 2, 3])
        #expect(throws: CompressionError.tooLarge(maximumBytes: 2)) { try Inflate.inflate(small, maximumBytes: 2) }
        #expect(throws: CompressionError.tooLarge(maximumBytes: 0)) { try Inflate.inflate(small, maximumBytes: 0) }
    }

    @Test func `every truncation is refused as such`() throws {
        let deflated = try Deflate.deflate(Self.patterned(500))
        for length in 0..<deflated.count {
            #expect(throws: CompressionError.truncated) {
                try Inflate.inflate(deflated.prefix(length), maximumBytes: 1000)
            }
        }
    }

    @Test func `a changed checksum and bytes of another kind are refused`() throws {
        var deflated = try Deflate.deflate(Self.patterned(500))
        deflated[deflated.count - 1] ^= 1
        #expect(throws: CompressionError.damaged) { try Inflate.inflate(deflated, maximumBytes: 1000) }
        #expect(throws: CompressionError.damaged) {
            try Inflate.inflate(Array("%PDF-1.7 is no zlib".utf8), maximumBytes: 1000)
        }
    }

    @Test func `bytes behind the end are passed over and a slice need not begin at zero`() throws {
        let bytes = Self.patterned(3000)
        let padded = [7, 7, 7] + (try Deflate.deflate(bytes)) + [0x0D, 0x0A]
        #expect(try Inflate.inflate(padded[3...], maximumBytes: 5000) == bytes)
    }
}
