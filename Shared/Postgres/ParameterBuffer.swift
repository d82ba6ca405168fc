// SPDX-License-Identifier: Apache-2.0

import Clocks
import FoundationEssentials

/// The binary form of one statement's parameters, back to back in one array that is used again for the next.
struct ParameterBuffer {
    /// Where one parameter lies; a nil length is NULL.
    struct Slot {
        let offset: Int
        let length: Int?
    }

    private(set) var bytes: [UInt8] = []
    private(set) var slots: [Slot] = []

    /// Replaces the contents by these values.
    mutating func encode(_ values: [PostgresValue]) {
        bytes.removeAll(keepingCapacity: bytes.capacity <= 1 << 20)
        slots.removeAll(keepingCapacity: true)
        // An empty array has no address, and libpq would read a missing address as NULL.
        bytes.append(0)
        for value in values {
            let start = bytes.count
            if case .null = value {
                slots.append(Slot(offset: start, length: nil))
            } else {
                append(value)
                slots.append(Slot(offset: start, length: bytes.count - start))
            }
        }
    }

    private mutating func append(_ value: PostgresValue) {
        switch value {
        case .null: break
        case .bool(let value): bytes.append(value ? 1 : 0)
        case .int2(let value): append(integer: value)
        case .int4(let value): append(integer: value)
        case .int8(let value): append(integer: value)
        case .float8(let value): append(integer: value.bitPattern)
        case .text(let value): bytes.append(contentsOf: value.utf8)
        case .bytea(let value): bytes.append(contentsOf: value)
        case .uuid(let value): append(uuid: value)
        case .timestamptz(let value): append(instant: value)
        case .date(let value): append(day: value)
        case .jsonb(let value): append(jsonb: value)
        case .xid8(let value): append(integer: value)
        case .textArray(let values): append(values, TypeOID.text) { $0.bytes.append(contentsOf: $1.utf8) }
        case .int2Array(let values): append(values, TypeOID.int2) { $0.append(integer: $1) }
        case .int4Array(let values): append(values, TypeOID.int4) { $0.append(integer: $1) }
        case .int8Array(let values): append(values, TypeOID.int8) { $0.append(integer: $1) }
        case .boolArray(let values): append(values, TypeOID.bool) { $0.bytes.append($1 ? 1 : 0) }
        case .float8Array(let values): append(values, TypeOID.float8) { $0.append(integer: $1.bitPattern) }
        case .uuidArray(let values): append(values, TypeOID.uuid) { $0.append(uuid: $1) }
        case .byteaArray(let values): append(values, TypeOID.bytea) { $0.bytes.append(contentsOf: $1) }
        case .timestamptzArray(let values): append(values, TypeOID.timestamptz) { $0.append(instant: $1) }
        case .jsonbArray(let values): append(values, TypeOID.jsonb) { $0.append(jsonb: $1) }
        case .dateArray(let values): append(values, TypeOID.date) { $0.append(day: $1) }
        case .xid8Array(let values): append(values, TypeOID.xid8) { $0.append(integer: $1) }
        }
    }

    // MARK: - Scalars

    private mutating func append<T: FixedWidthInteger>(integer value: T) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    private mutating func append(uuid value: UUID) {
        withUnsafeBytes(of: value.uuid) { bytes.append(contentsOf: $0) }
    }

    private mutating func append(instant value: Instant) {
        let (since2000, overflow) = value.microseconds.subtractingReportingOverflow(PostgresEpoch.microseconds)
        append(integer: overflow ? Int64.min : since2000)
    }

    private mutating func append(day value: Instant) {
        append(integer: PostgresEpoch.day(ofUnixMicroseconds: value.microseconds))
    }

    private mutating func append(jsonb value: String) {
        bytes.append(1)
        bytes.append(contentsOf: value.utf8)
    }

    // MARK: - Arrays

    private mutating func append<Element>(
        _ values: [Element], _ elementType: UInt32, _ appendElement: (inout ParameterBuffer, Element) -> Void
    ) {
        appendHeader(count: values.count, hasNull: false, elementType)
        for value in values { appendSized(value, appendElement) }
    }

    private mutating func append<Element>(
        _ values: [Element?], _ elementType: UInt32, _ appendElement: (inout ParameterBuffer, Element) -> Void
    ) {
        appendHeader(count: values.count, hasNull: values.contains { $0 == nil }, elementType)
        for value in values {
            if let value {
                appendSized(value, appendElement)
            } else {
                append(integer: Int32(-1))
            }
        }
    }

    /// One dimension with the lower bound 1; an empty array has no dimension.
    private mutating func appendHeader(count: Int, hasNull: Bool, _ elementType: UInt32) {
        append(integer: Int32(count == 0 ? 0 : 1))
        append(integer: Int32(hasNull ? 1 : 0))
        append(integer: elementType)
        guard count > 0 else { return }
        append(integer: Int32(truncatingIfNeeded: count))
        append(integer: Int32(1))
    }

    private mutating func appendSized<Element>(
        _ value: Element, _ appendElement: (inout ParameterBuffer, Element) -> Void
    ) {
        let start = bytes.count
        append(integer: Int32(0))
        appendElement(&self, value)
        let length = Int32(truncatingIfNeeded: bytes.count - start - 4).bigEndian
        withUnsafeBytes(of: length) { source in
            bytes.withUnsafeMutableBytes { target in
                UnsafeMutableRawBufferPointer(rebasing: target[start..<start + 4]).copyMemory(from: source)
            }
        }
    }
}
