// SPDX-License-Identifier: Apache-2.0

import CPostgres

/// What one statement answered, copied out of libpq.
package struct PostgresResult: Sendable {
    /// The rows in the server's order; empty for a command without rows.
    package let rows: [PostgresRow]
    /// Rows inserted, updated, deleted or selected.
    package let affectedRows: Int

    /// No rows, none affected.
    static let empty = PostgresResult()

    private init() {
        rows = []
        affectedRows = 0
    }

    /// Copies a result; the caller still owns and clears it.
    init(copying raw: OpaquePointer) {
        affectedRows = PQcmdTuples(raw).flatMap { Int(String(cString: $0)) } ?? 0
        let rowCount = PQntuples(raw)
        guard rowCount > 0 else {
            rows = []
            return
        }
        let cells = PostgresCells(copying: raw, rowCount: rowCount)
        rows = (0..<Int(rowCount)).map { PostgresRow(cells: cells, row: $0) }
    }
}

/// All cells of one result in one array, shared by its rows.
final class PostgresCells: Sendable {
    /// Where a cell lies; a length of -1 is NULL.
    struct Cell {
        let offset: Int
        let length: Int32
    }

    let columnTypes: [UInt32]
    let cells: [Cell]
    let bytes: [UInt8]

    init(copying raw: OpaquePointer, rowCount: Int32) {
        let columnCount = PQnfields(raw)
        columnTypes = (0..<columnCount).map { PQftype(raw, $0) }
        var cells: [Cell] = []
        cells.reserveCapacity(Int(rowCount) * Int(columnCount))
        var total = 0
        for row in 0..<rowCount {
            for column in 0..<columnCount {
                let isNull = PQgetisnull(raw, row, column) == 1
                let length = isNull ? -1 : PQgetlength(raw, row, column)
                cells.append(Cell(offset: total, length: length))
                total += Int(max(length, 0))
            }
        }
        self.cells = cells
        bytes = [UInt8](unsafeUninitializedCapacity: total) { target, count in
            for row in 0..<rowCount {
                for column in 0..<columnCount {
                    let length = Int(PQgetlength(raw, row, column))
                    guard length > 0, let source = PQgetvalue(raw, row, column) else { continue }
                    UnsafeMutableRawBufferPointer(target).baseAddress?.advanced(by: count)
                        .copyMemory(from: source, byteCount: length)
                    count += length
                }
            }
        }
    }
}
