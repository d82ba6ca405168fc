// SPDX-License-Identifier: Apache-2.0

import Clocks
import Foundation
import Postgres
import TestSupport
import Testing

struct PostgresValueTests {
    private static let instant = Instant(microseconds: 1_795_000_000_123_456)
    private static let early = Instant(microseconds: -86_400_000_001)
    private static let id = UUID()

    @Test func `scalars come back as they were sent`() async throws {
        let pool = try await TestPostgres.database().pool(.intake, size: 1)
        let row = try await pool.execute(
            PostgresStatement(
                """
                select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15::varchar, $16::json, $17::name
                """,
                [
                    .bool(true), .int2(-2), .int4(.min), .int8(.max), .float8(-0.25), .text("Gödel 🖋"),
                    .bytea([0, 255, 7]),
                    .uuid(Self.id), .timestamptz(Self.instant), .date(Self.early), .jsonb(#"{"a": [1, null]}"#),
                    .xid8(.max), .text(""), .bytea([]), .text("v"), .text("[1]"), .text("n"),
                ])
        ).rows[0]
        #expect(try row.bool(0))
        #expect(try row.int(1) == -2)
        #expect(try row.int64(2) == Int64(Int32.min))
        #expect(try row.int64(3) == .max)
        #expect(try row.double(4) == -0.25)
        #expect(try row.string(5) == "Gödel 🖋")
        #expect(try row.bytes(6) == [0, 255, 7])
        #expect(try row.uuid(7) == Self.id)
        #expect(try row.instant(8) == Self.instant)
        #expect(try row.string(9) == "1969-12-30")
        #expect(try row.instant(9) == Self.early.startOfDay)
        #expect(try row.string(10) == #"{"a": [1, null]}"#)
        #expect(try row.xid(11) == .max)
        #expect(try row.string(12) == "")
        #expect(try row.bytes(13) == [])
        #expect(try [row.string(14), row.string(15), row.string(16)] == ["v", "[1]", "n"])
    }

    @Test func `the server reads times and numbers as this side means them`() async throws {
        let pool = try await TestPostgres.database().pool(.intake, size: 1)
        let row = try await pool.execute(
            PostgresStatement(
                "select $1::text, $2::text, $3::text, $4::text, timestamptz '2026-11-20 12:00:00.5Z'",
                [.timestamptz(Self.early), .date(Self.instant), .xid8(7), .float8(1.5)])
        ).rows[0]
        #expect(try row.string(0) == "1969-12-30 23:59:59.999999+00")
        #expect(try row.string(1) == Self.instant.date)
        #expect(try row.string(2) == "7")
        #expect(try row.string(3) == "1.5")
        #expect(try row.instant(4).rfc3339(fractionDigits: 3) == "2026-11-20T12:00:00.500Z")
    }

    @Test func `arrays come back with their NULLs`() async throws {
        let pool = try await TestPostgres.database().pool(.intake, size: 1)
        let row = try await pool.execute(
            PostgresStatement(
                "select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::text, $12::text, $13",
                [
                    .textArray(["a", nil, "", "ü"]), .int2Array([1, -1]), .int4Array([.min, .max]), .int8Array([.min]),
                    .boolArray([true, false]), .uuidArray([Self.id]), .byteaArray([[1], nil, []]),
                    .timestamptzArray([Self.instant, nil]), .jsonbArray(["1", nil]), .dateArray([Self.early]),
                    .xid8Array([1, 2]), .float8Array([0.5]), .textArray([]),
                ])
        ).rows[0]
        #expect(try row.strings(0) == ["a", nil, "", "ü"])
        #expect(try row.int64s(1) == [1, -1])
        #expect(try row.int64s(2) == [Int64(Int32.min), Int64(Int32.max)])
        #expect(try row.int64s(3) == [.min])
        #expect(try row.bools(4) == [true, false])
        #expect(try row.uuids(5) == [Self.id])
        #expect(try row.bytesArray(6) == [[1], nil, []])
        #expect(try row.instants(7) == [Self.instant, nil])
        #expect(try row.strings(8) == ["1", nil])
        #expect(try row.instants(9) == [Self.early.startOfDay])
        #expect(try row.string(10) == "{1,2}")
        #expect(try row.string(11) == "{0.5}")
        #expect(try row.strings(12) == [])
    }

    @Test func `NULL is nil where it is asked for and an error where not`() async throws {
        let pool = try await TestPostgres.database().pool(.intake, size: 1)
        let row = try await pool.execute(
            PostgresStatement("select $1::int8, $2::text, $3::uuid", [.null, .text(nil), .uuid(nil)])
        ).rows[0]
        #expect(row.isNull(0))
        #expect(try row.intOrNil(0) == nil)
        #expect(try row.stringOrNil(1) == nil)
        #expect(try row.uuidOrNil(2) == nil)
        #expect(throws: PostgresError.self) { try row.int(0) }
    }

    @Test func `a column of another type or beyond the last is an error`() async throws {
        let pool = try await TestPostgres.database().pool(.intake, size: 1)
        let row = try await pool.execute(PostgresStatement("select 'x'::text, 'infinity'::timestamptz")).rows[0]
        #expect(throws: PostgresError.self) { try row.int(0) }
        #expect(throws: PostgresError.self) { try row.uuid(0) }
        #expect(throws: PostgresError.self) { try row.instant(1) }
        let error = #expect(throws: PostgresError.self) { try row.int(9) }
        #expect(error?.code == .decoding)
    }
}
