// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Testing

struct ByteSourceTests {
    @Test func `an appended source reads across its boundary`() throws {
        let source = ConcatenatedSource(ArraySource([0, 1, 2, 3]), [4, 5, 6])
        #expect(source.size == 7)
        for lower in 0...7 {
            for upper in lower...7 {
                #expect(try source.bytes(in: lower..<upper) == (lower..<upper).map { UInt8($0) })
            }
        }
    }

    @Test(arguments: [ArraySource([1, 2]), ConcatenatedSource(ArraySource([1]), [2])] as [any ByteSource])
    func `a range outside is refused`(source: any ByteSource) {
        #expect(throws: ByteSourceError.outOfRange(range: 1..<3, size: 2)) { try source.bytes(in: 1..<3) }
        #expect(throws: ByteSourceError.outOfRange(range: -1..<1, size: 2)) { try source.bytes(in: -1..<1) }
    }
}
