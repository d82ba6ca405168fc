// SPDX-License-Identifier: Apache-2.0

/// Object ids of built-in types; they are fixed in `pg_type.dat` and never change between servers.
enum TypeOID {
    static let unspecified: UInt32 = 0
    static let bool: UInt32 = 16
    static let bytea: UInt32 = 17
    static let name: UInt32 = 19
    static let int8: UInt32 = 20
    static let int2: UInt32 = 21
    static let int4: UInt32 = 23
    static let text: UInt32 = 25
    static let oid: UInt32 = 26
    static let json: UInt32 = 114
    static let float4: UInt32 = 700
    static let float8: UInt32 = 701
    static let unknown: UInt32 = 705
    static let character: UInt32 = 1042
    static let varchar: UInt32 = 1043
    static let date: UInt32 = 1082
    static let timestamptz: UInt32 = 1184
    static let uuid: UInt32 = 2950
    static let jsonb: UInt32 = 3802
    static let xid8: UInt32 = 5069

    static let boolArray: UInt32 = 1000
    static let byteaArray: UInt32 = 1001
    static let int2Array: UInt32 = 1005
    static let int4Array: UInt32 = 1007
    static let textArray: UInt32 = 1009
    static let int8Array: UInt32 = 1016
    static let float8Array: UInt32 = 1022
    static let dateArray: UInt32 = 1182
    static let timestamptzArray: UInt32 = 1185
    static let uuidArray: UInt32 = 2951
    static let jsonbArray: UInt32 = 3807
    static let xid8Array: UInt32 = 271

    /// The type named for a parameter; NULL names none, so that the server takes the column's.
    static func of(_ value: PostgresValue) -> UInt32 {
        switch value {
        case .null: unspecified
        case .bool: bool
        case .int2: int2
        case .int4: int4
        case .int8: int8
        case .float8: float8
        case .text: text
        case .bytea: bytea
        case .uuid: uuid
        case .timestamptz: timestamptz
        case .date: date
        case .jsonb: jsonb
        case .xid8: xid8
        case .textArray: textArray
        case .int2Array: int2Array
        case .int4Array: int4Array
        case .int8Array: int8Array
        case .boolArray: boolArray
        case .float8Array: float8Array
        case .uuidArray: uuidArray
        case .byteaArray: byteaArray
        case .timestamptzArray: timestamptzArray
        case .jsonbArray: jsonbArray
        case .dateArray: dateArray
        case .xid8Array: xid8Array
        }
    }
}

/// Conversions between instants and PostgreSQL's epoch, 2000-01-01 UTC.
enum PostgresEpoch {
    static let microseconds: Int64 = 946_684_800_000_000
    static let days: Int64 = 10_957
    static let microsecondsPerDay: Int64 = 86_400_000_000

    /// Days since 2000-01-01 of the UTC day that holds a Unix time; earlier times round down, not towards zero.
    static func day(ofUnixMicroseconds value: Int64) -> Int32 {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: microsecondsPerDay)
        return Int32(truncatingIfNeeded: (remainder < 0 ? quotient - 1 : quotient) - days)
    }
}
