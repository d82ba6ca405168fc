// SPDX-License-Identifier: Apache-2.0

import Clocks
import FoundationEssentials

/// One value that is not NULL, in PostgreSQL's binary form.
struct BinaryCell {
    let type: UInt32
    let content: ArraySlice<UInt8>

    var count: Int { content.count }

    /// A big-endian integer; 0 where the cell is too short, which the server never sends for the type.
    func integer<T: FixedWidthInteger>(as type: T.Type) -> T {
        content.withUnsafeBytes { buffer in
            buffer.count >= MemoryLayout<T>.size ? T(bigEndian: buffer.loadUnaligned(as: T.self)) : 0
        }
    }

    var bool: Bool { content.first == 1 }

    var bytes: [UInt8] { Array(content) }

    /// UTF-8 text; a jsonb value begins with its format's version, which is no part of the text.
    var string: String {
        String(decoding: type == TypeOID.jsonb ? content.dropFirst() : content, as: UTF8.self)
    }

    var uuid: UUID? {
        content.withUnsafeBytes { buffer in
            buffer.count == 16 ? UUID(uuid: buffer.loadUnaligned(as: uuid_t.self)) : nil
        }
    }

    /// The instant of a `timestamptz` or `date`; nil for infinity and for what 64 bits cannot hold.
    var instant: Instant? {
        if type == TypeOID.date {
            let days = integer(as: Int32.self)
            guard days != .max && days != .min else { return nil }
            let microseconds = (Int64(days) + PostgresEpoch.days) * PostgresEpoch.microsecondsPerDay
            return Instant(microseconds: microseconds)
        }
        let value = integer(as: Int64.self)
        guard value != .max && value != .min else { return nil }
        let (microseconds, overflow) = value.addingReportingOverflow(PostgresEpoch.microseconds)
        return overflow ? nil : Instant(microseconds: microseconds)
    }

    /// The elements of an array of one dimension, nil for NULL; nil for more dimensions.
    var elements: [BinaryCell?]? {
        var rest = content
        func next() -> Int32? {
            guard rest.count >= 4 else { return nil }
            defer { rest = rest.dropFirst(4) }
            return BinaryCell(type: 0, content: rest).integer(as: Int32.self)
        }
        guard let dimensions = next(), next() != nil, let elementType = next() else { return nil }
        if dimensions == 0 { return [] }
        guard dimensions == 1, let count = next(), next() != nil else { return nil }
        var found: [BinaryCell?] = []
        found.reserveCapacity(min(Int(max(count, 0)), rest.count / 4))
        for _ in 0..<max(count, 0) {
            guard let length = next() else { return nil }
            guard length >= 0 else {
                found.append(nil)
                continue
            }
            guard rest.count >= Int(length) else { return nil }
            found.append(BinaryCell(type: UInt32(bitPattern: elementType), content: rest.prefix(Int(length))))
            rest = rest.dropFirst(Int(length))
        }
        return found
    }
}
