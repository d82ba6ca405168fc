// SPDX-License-Identifier: Apache-2.0

/// The identifiers by which a bare CFF table names its glyphs (Adobe Technical Note 5176, 13 and 18).
enum CompactCharset {
    /// The CID of each glyph; nil for a table that is not keyed by CIDs, or not understood.
    static func characterIDs(of table: [UInt8], glyphs: Int) -> [Int]? {
        guard table.count > 4, let names = skipIndex(table, at: Int(table[2])),
            let top = firstElement(table, ofIndexAt: names), let charset = charsetOffset(table[top])
        else { return nil }
        return read(table, at: charset, glyphs: glyphs)
    }

    private static func number(_ table: [UInt8], _ offset: Int, _ bytes: Int) -> Int? {
        guard offset >= 0, offset + bytes <= table.count else { return nil }
        return table[offset..<(offset + bytes)].reduce(0) { $0 << 8 | Int($1) }
    }

    /// Count, size of the offsets, and where the data would begin if they began at 0.
    private static func index(_ table: [UInt8], at start: Int) -> (count: Int, size: Int, data: Int)? {
        guard let count = number(table, start, 2), count > 0, let size = number(table, start + 2, 1),
            (1...4).contains(size)
        else { return nil }
        return (count, size, start + 3 + (count + 1) * size - 1)
    }

    private static func skipIndex(_ table: [UInt8], at start: Int) -> Int? {
        if number(table, start, 2) == 0 { return start + 2 }
        guard let index = index(table, at: start),
            let end = number(table, start + 3 + index.count * index.size, index.size)
        else { return nil }
        return index.data + end
    }

    private static func firstElement(_ table: [UInt8], ofIndexAt start: Int) -> Range<Int>? {
        guard let index = index(table, at: start), let first = number(table, start + 3, index.size),
            let end = number(table, start + 3 + index.size, index.size), first <= end, index.data + end <= table.count,
            index.data + first >= 0
        else { return nil }
        return (index.data + first)..<(index.data + end)
    }

    /// Operand of operator 15, of a dictionary that begins with operator 12 30 and so is keyed by CIDs.
    private static func charsetOffset(_ dictionary: ArraySlice<UInt8>) -> Int? {
        var bytes = dictionary
        var last = 0
        var offset: Int?
        var isKeyed = false
        func operand(_ count: Int, in bytes: inout ArraySlice<UInt8>) -> Int {
            let value = bytes.prefix(count).reduce(0) { $0 << 8 | Int($1) }
            bytes = bytes.dropFirst(count)
            return value
        }
        while let byte = bytes.popFirst() {
            switch byte {
            case 12: if bytes.popFirst() == 30 { isKeyed = true }
            case 15: offset = last
            case 0...21: continue
            case 28: last = operand(2, in: &bytes)
            case 29: last = operand(4, in: &bytes)
            // A real ends with the half byte 15.
            case 30: while let next = bytes.popFirst(), next & 15 != 15, next >> 4 != 15 {}
            case 32...246: last = Int(byte) - 139
            case 247...250: last = (Int(byte) - 247) * 256 + operand(1, in: &bytes) + 108
            case 251...254: last = -(Int(byte) - 251) * 256 - operand(1, in: &bytes) - 108
            default: continue
            }
        }
        return isKeyed ? offset : nil
    }

    private static func read(_ table: [UInt8], at start: Int, glyphs: Int) -> [Int]? {
        guard start > 2, let format = number(table, start, 1) else { return nil }
        var identifiers = [0]
        var position = start + 1
        while identifiers.count < glyphs {
            guard let first = number(table, position, 2) else { return nil }
            switch format {
            case 0:
                identifiers.append(first)
                position += 2
            case 1, 2:
                guard let left = number(table, position + 2, format) else { return nil }
                for step in 0...left where identifiers.count < glyphs { identifiers.append(first + step) }
                position += 2 + format
            default: return nil
            }
        }
        return identifiers
    }
}
