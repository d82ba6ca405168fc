// SPDX-License-Identifier: Apache-2.0
import Cryptography
import PDFSyntax

/// What a signature covers: the file from its beginning to `end`, without the gap (ISO 32000-2, 12.8.1).
struct SignedRange: Equatable {
    private static let pieceBytes = 1 << 20

    /// The value of `/Contents` with its brackets.
    let gap: Range<Int>
    /// The first byte behind what is covered.
    let end: Int

    /// Nil unless there are four numbers, the first 0, the gap exactly the string of `/Contents`, and all in the file.
    init?(_ numbers: [PDFObject], contents: Range<Int>, isOnlyKey: Bool, fileSize: Int) {
        guard isOnlyKey, numbers.count == 4 else { return nil }
        let values = numbers.compactMap { number -> Int? in
            if case .integer(let value) = number, value >= 0 { value } else { nil }
        }
        guard values.count == 4, values[0] == 0, values[1] == contents.lowerBound, values[2] == contents.upperBound,
            values[2] <= fileSize, values[3] <= fileSize - values[2]
        else { return nil }
        gap = contents
        end = values[2] + values[3]
    }

    /// The digest of what is covered, read in pieces of 1 MiB.
    func digest(_ algorithm: DigestAlgorithm, in document: PDFDocument) throws(PDFError) -> [UInt8] {
        var hasher = DigestHasher(algorithm)
        for part in [0..<gap.lowerBound, gap.upperBound..<end] {
            var position = part.lowerBound
            while position < part.upperBound {
                let end = min(position + Self.pieceBytes, part.upperBound)
                hasher.update(try document.bytes(position..<end))
                position = end
            }
        }
        return hasher.finalize()
    }

    /// True when the byte at an offset is covered.
    func covers(_ offset: Int) -> Bool {
        offset < end && !gap.contains(offset)
    }
}
