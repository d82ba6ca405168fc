// SPDX-License-Identifier: Apache-2.0

package import Clocks
package import FoundationEssentials

/// One row; columns are numbered from 0 in the order of the statement.
package struct PostgresRow: Sendable {
    private let cells: PostgresCells
    private let row: Int

    init(cells: PostgresCells, row: Int) {
        self.cells = cells
        self.row = row
    }

    /// How many columns the row has.
    package var columnCount: Int { cells.columnTypes.count }

    /// Whether the column holds NULL.
    package func isNull(_ column: Int) -> Bool {
        guard cells.columnTypes.indices.contains(column) else { return true }
        return cells.cells[row * columnCount + column].length < 0
    }

    // MARK: - Values

    /// A `smallint`, `integer` or `bigint`.
    package func int(_ column: Int) throws(PostgresError) -> Int { try required(column, intOrNil(column)) }
    /// A `smallint`, `integer` or `bigint`, or nil for NULL.
    package func intOrNil(_ column: Int) throws(PostgresError) -> Int? { try int64OrNil(column).map { Int($0) } }
    /// A `smallint`, `integer` or `bigint`.
    package func int64(_ column: Int) throws(PostgresError) -> Int64 { try required(column, int64OrNil(column)) }
    /// A `smallint`, `integer` or `bigint`, or nil for NULL.
    package func int64OrNil(_ column: Int) throws(PostgresError) -> Int64? {
        guard let cell = try cell(column, [TypeOID.int2, TypeOID.int4, TypeOID.int8, TypeOID.oid]) else { return nil }
        return switch (cell.count, cell.type) {
        case (2, _): Int64(cell.integer(as: Int16.self))
        case (4, TypeOID.oid): Int64(cell.integer(as: UInt32.self))
        case (4, _): Int64(cell.integer(as: Int32.self))
        default: cell.integer(as: Int64.self)
        }
    }

    /// A `real` or `double precision`.
    package func double(_ column: Int) throws(PostgresError) -> Double { try required(column, doubleOrNil(column)) }
    /// A `real` or `double precision`, or nil for NULL.
    package func doubleOrNil(_ column: Int) throws(PostgresError) -> Double? {
        guard let cell = try cell(column, [TypeOID.float8, TypeOID.float4]) else { return nil }
        return cell.count == 4
            ? Double(Float(bitPattern: cell.integer(as: UInt32.self)))
            : Double(bitPattern: cell.integer(as: UInt64.self))
    }

    /// A `boolean`.
    package func bool(_ column: Int) throws(PostgresError) -> Bool { try required(column, boolOrNil(column)) }
    /// A `boolean`, or nil for NULL.
    package func boolOrNil(_ column: Int) throws(PostgresError) -> Bool? {
        try cell(column, [TypeOID.bool])?.bool
    }

    /// Text of `text`, `varchar`, `char`, `name`, `json`, `jsonb`, or a `date` as `2026-11-20`.
    package func string(_ column: Int) throws(PostgresError) -> String { try required(column, stringOrNil(column)) }
    /// Text as `string` reads it, or nil for NULL.
    package func stringOrNil(_ column: Int) throws(PostgresError) -> String? {
        guard let cell = try cell(column, Self.textual) else { return nil }
        return cell.type == TypeOID.date ? cell.instant?.date : cell.string
    }

    /// The bytes of a `bytea`.
    package func bytes(_ column: Int) throws(PostgresError) -> [UInt8] { try required(column, bytesOrNil(column)) }
    /// The bytes of a `bytea`, or nil for NULL.
    package func bytesOrNil(_ column: Int) throws(PostgresError) -> [UInt8]? {
        try cell(column, [TypeOID.bytea])?.bytes
    }

    /// A `uuid`.
    package func uuid(_ column: Int) throws(PostgresError) -> UUID { try required(column, uuidOrNil(column)) }
    /// A `uuid`, or nil for NULL.
    package func uuidOrNil(_ column: Int) throws(PostgresError) -> UUID? {
        try cell(column, [TypeOID.uuid])?.uuid
    }

    /// A `timestamptz`, or the first instant of a `date` in UTC.
    package func instant(_ column: Int) throws(PostgresError) -> Instant { try required(column, instantOrNil(column)) }
    /// A `timestamptz` or `date`, or nil for NULL.
    package func instantOrNil(_ column: Int) throws(PostgresError) -> Instant? {
        guard let cell = try cell(column, [TypeOID.timestamptz, TypeOID.date]) else { return nil }
        guard let instant = cell.instant else { throw mismatch(column, "a finite time") }
        return instant
    }

    /// An `xid8`.
    package func xid(_ column: Int) throws(PostgresError) -> UInt64 { try required(column, xidOrNil(column)) }
    /// An `xid8`, or nil for NULL.
    package func xidOrNil(_ column: Int) throws(PostgresError) -> UInt64? {
        try cell(column, [TypeOID.xid8])?.integer(as: UInt64.self)
    }

    // MARK: - Arrays

    /// A `text[]`, whose elements may be NULL.
    package func strings(_ column: Int) throws(PostgresError) -> [String?] {
        try array(column, [TypeOID.textArray, TypeOID.jsonbArray]) { $0.string }
    }

    /// A `smallint[]`, `integer[]` or `bigint[]` without NULL.
    package func int64s(_ column: Int) throws(PostgresError) -> [Int64] {
        let types = [TypeOID.int2Array, TypeOID.int4Array, TypeOID.int8Array]
        let values: [Int64?] = try array(column, types) { cell in
            switch cell.count {
            case 2: Int64(cell.integer(as: Int16.self))
            case 4: Int64(cell.integer(as: Int32.self))
            default: cell.integer(as: Int64.self)
            }
        }
        return try withoutNull(values, column)
    }

    /// A `uuid[]` without NULL.
    package func uuids(_ column: Int) throws(PostgresError) -> [UUID] {
        try withoutNull(array(column, [TypeOID.uuidArray]) { $0.uuid }, column)
    }

    /// A `bytea[]`, whose elements may be NULL.
    package func bytesArray(_ column: Int) throws(PostgresError) -> [[UInt8]?] {
        try array(column, [TypeOID.byteaArray]) { $0.bytes }
    }

    /// A `timestamptz[]` or `date[]`, whose elements may be NULL.
    package func instants(_ column: Int) throws(PostgresError) -> [Instant?] {
        try array(column, [TypeOID.timestamptzArray, TypeOID.dateArray]) { $0.instant }
    }

    /// A `boolean[]` without NULL.
    package func bools(_ column: Int) throws(PostgresError) -> [Bool] {
        try withoutNull(array(column, [TypeOID.boolArray]) { $0.bool }, column)
    }

    // MARK: - Cells

    private static let textual = [
        TypeOID.text, TypeOID.varchar, TypeOID.jsonb, TypeOID.json, TypeOID.name, TypeOID.character, TypeOID.date,
        TypeOID.unknown,
    ]

    private func cell(_ column: Int, _ accepted: [UInt32]) throws(PostgresError) -> BinaryCell? {
        guard cells.columnTypes.indices.contains(column) else {
            throw PostgresError(.decoding, "there is no column \(column); the row has \(columnCount)")
        }
        let type = cells.columnTypes[column]
        guard accepted.contains(type) else { throw mismatch(column, "one of the types \(accepted)") }
        let cell = cells.cells[row * columnCount + column]
        guard cell.length >= 0 else { return nil }
        let range = cell.offset..<cell.offset + Int(cell.length)
        return BinaryCell(type: type, content: cells.bytes[range])
    }

    private func array<Element>(
        _ column: Int, _ accepted: [UInt32], _ element: (BinaryCell) -> Element?
    ) throws(PostgresError) -> [Element?] {
        guard let cell = try cell(column, accepted) else { throw mismatch(column, "a value, not NULL") }
        guard let elements = cell.elements else { throw mismatch(column, "an array of one dimension") }
        return elements.map { $0.flatMap(element) }
    }

    private func required<Value>(_ column: Int, _ value: Value?) throws(PostgresError) -> Value {
        guard let value else { throw mismatch(column, "a value, not NULL") }
        return value
    }

    private func withoutNull<Value>(_ values: [Value?], _ column: Int) throws(PostgresError) -> [Value] {
        let present = values.compactMap { $0 }
        guard present.count == values.count else { throw mismatch(column, "an array without NULL") }
        return present
    }

    private func mismatch(_ column: Int, _ expected: String) -> PostgresError {
        let type = cells.columnTypes.indices.contains(column) ? cells.columnTypes[column] : 0
        return PostgresError(.decoding, "column \(column), of type id \(type), was read as \(expected)")
    }
}
