// SPDX-License-Identifier: Apache-2.0

/// The LZW filter (ISO 32000-2, 7.4.4): codes of 9 to 12 bits, the highest bit first.
enum LZWDecoder {
    private static let clear = 256
    private static let end = 257
    private static let maximumCodes = 4_096

    /// Where a code's sequence was last written out: each is the one before it and the first byte of the next.
    private struct Table {
        var starts = [Int](repeating: 0, count: maximumCodes)
        var lengths = [Int](repeating: 0, count: maximumCodes)
        var count = 258
    }

    /// Decodes what is there; a code that the table does not have ends it, as in other readers.
    static func decode(
        _ data: ArraySlice<UInt8>, changesEarly: Bool, maximumBytes: Int
    ) throws(PDFError) -> [UInt8] {
        var output: [UInt8] = []
        var table = Table()
        var previous: (start: Int, length: Int)?
        var bits = 0
        var held = 0
        var width = 9
        for byte in data {
            held = (held << 8 | Int(byte)) & 0xFF_FFFF
            bits += 8
            guard bits >= width else { continue }
            bits -= width
            let code = held >> bits & (1 << width - 1)
            if code == end { return output }
            if code == clear {
                table.count = 258
                previous = nil
            } else {
                guard let written = write(code, table: table, previous: previous, to: &output) else { return output }
                if let previous, table.count < maximumCodes {
                    // The sequence before and its next byte stand in the output one behind the other.
                    table.starts[table.count] = previous.start
                    table.lengths[table.count] = previous.length + 1
                    table.count += 1
                }
                previous = written
            }
            width = self.width(of: table.count + (changesEarly ? 1 : 0))
            guard output.count <= maximumBytes else {
                throw .tooComplex("Its data is larger than \(maximumBytes) bytes when opened.")
            }
        }
        return output
    }

    private static func width(of next: Int) -> Int {
        switch next {
        case ..<512: 9
        case ..<1_024: 10
        case ..<2_048: 11
        default: 12
        }
    }

    private static func write(
        _ code: Int, table: Table, previous: (start: Int, length: Int)?, to output: inout [UInt8]
    ) -> (start: Int, length: Int)? {
        let start = output.count
        if code < clear {
            output.append(UInt8(code))
            return (start, 1)
        }
        let source: (start: Int, length: Int)
        if code < table.count {
            source = (table.starts[code], table.lengths[code])
        } else if code == table.count, let previous {
            source = (previous.start, previous.length + 1)
        } else {
            return nil
        }
        // May reach into what it writes itself, so byte by byte.
        for index in 0..<source.length { output.append(output[source.start + index]) }
        return (start, source.length)
    }
}
