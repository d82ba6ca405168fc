// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import PDFSyntax

struct PredictorTests {
    private func undo(_ data: [UInt8], columns: Int, colors: Int = 1) throws -> [UInt8] {
        try Predictor.undo(
            data,
            parameters: PDFDictionary([
                ("Predictor", .integer(12)), ("Columns", .integer(columns)), ("Colors", .integer(colors)),
            ]))
    }

    /// Applies a row filter as ISO 15948, 9.2 defines it.
    private func filtered(_ rows: [[UInt8]], types: [UInt8], pixel: Int) -> [UInt8] {
        var output: [UInt8] = []
        for (index, row) in rows.enumerated() {
            let above = index > 0 ? rows[index - 1] : [UInt8](repeating: 0, count: row.count)
            output.append(types[index])
            for column in row.indices {
                let left = column >= pixel ? Int(row[column - pixel]) : 0
                let up = Int(above[column])
                let corner = column >= pixel ? Int(above[column - pixel]) : 0
                let estimate = left + up - corner
                let nearest = [left, up, corner].min { abs(estimate - $0) < abs(estimate - $1) } ?? 0
                let guess = [0, left, up, (left + up) / 2, nearest][Int(types[index])]
                output.append(row[column] &- UInt8(guess))
            }
        }
        return output
    }

    @Test(arguments: [1, 3])
    func `every row predictor is undone`(colors: Int) throws {
        var generator = SeededGenerator(seed: 5)
        let types = (0..<60).map { UInt8($0 % 5) }.shuffled(using: &generator)
        let rows = types.map { _ in (0..<(7 * colors)).map { _ in UInt8.random(in: 0...255, using: &generator) } }
        let data = filtered(rows, types: types, pixel: colors)
        #expect(try undo(data, columns: 7, colors: colors) == rows.flatMap(\.self))
        for end in data.indices { _ = try undo(Array(data[..<end]), columns: 7, colors: colors) }
    }

    @Test func `an unknown row predictor and other parameters are refused`() {
        #expect { try undo([9, 1, 2], columns: 2) } throws: { ($0 as? PDFError)?.code == .damaged }
        #expect { try undo([2, 1, 2], columns: 0) } throws: { ($0 as? PDFError)?.code == .damaged }
    }
}
