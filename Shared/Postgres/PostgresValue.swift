// SPDX-License-Identifier: Apache-2.0

package import Clocks
package import FoundationEssentials

/// One parameter of a statement, sent in binary with its type named, so that the server never guesses.
package enum PostgresValue: Sendable, Hashable {
    /// SQL NULL of whatever type the statement gives the parameter.
    case null
    /// `boolean`
    case bool(Bool)
    /// `smallint`
    case int2(Int16)
    /// `integer`
    case int4(Int32)
    /// `bigint`
    case int8(Int64)
    /// `double precision`
    case float8(Double)
    /// `text`
    case text(String)
    /// `bytea`
    case bytea([UInt8])
    /// `uuid`
    case uuid(UUID)
    /// `timestamptz`
    case timestamptz(Instant)
    /// `date`: the UTC day that holds the instant.
    case date(Instant)
    /// `jsonb`, given as JSON text.
    case jsonb(String)
    /// `xid8`, a transaction id that does not wrap.
    case xid8(UInt64)
    /// `text[]`
    case textArray([String?])
    /// `smallint[]`
    case int2Array([Int16])
    /// `integer[]`
    case int4Array([Int32])
    /// `bigint[]`
    case int8Array([Int64])
    /// `boolean[]`
    case boolArray([Bool])
    /// `double precision[]`
    case float8Array([Double])
    /// `uuid[]`
    case uuidArray([UUID?])
    /// `bytea[]`
    case byteaArray([[UInt8]?])
    /// `timestamptz[]`
    case timestamptzArray([Instant?])
    /// `jsonb[]`, given as JSON texts.
    case jsonbArray([String?])
    /// `date[]`: the UTC days that hold the instants.
    case dateArray([Instant?])
    /// `xid8[]`
    case xid8Array([UInt64])
}

extension PostgresValue {
    /// Text, or NULL for nil.
    package static func text(_ value: String?) -> PostgresValue { value.map { .text($0) } ?? .null }
    /// A UUID, or NULL for nil.
    package static func uuid(_ value: UUID?) -> PostgresValue { value.map { .uuid($0) } ?? .null }
    /// A timestamp, or NULL for nil.
    package static func timestamptz(_ value: Instant?) -> PostgresValue { value.map { .timestamptz($0) } ?? .null }
    /// Bytes, or NULL for nil.
    package static func bytea(_ value: [UInt8]?) -> PostgresValue { value.map { .bytea($0) } ?? .null }
    /// A `bigint`, or NULL for nil.
    package static func int8(_ value: Int64?) -> PostgresValue { value.map { .int8($0) } ?? .null }
    /// A `bigint` of a Swift integer.
    package static func int(_ value: Int) -> PostgresValue { .int8(Int64(value)) }
}

/// One SQL text with the values of `$1`, `$2`, …; the text is the key under which a session keeps it prepared.
package struct PostgresStatement: Sendable, Hashable {
    /// The SQL; literal text, never built from values.
    package let sql: String
    /// The values of `$1` and on.
    package let parameters: [PostgresValue]

    /// Makes a statement of one SQL command.
    package init(_ sql: String, _ parameters: [PostgresValue] = []) {
        self.sql = sql
        self.parameters = parameters
    }
}
