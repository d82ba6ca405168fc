// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import PDFSyntax

struct NumberRunsTests {
    @Test(arguments: [[0..<3, 3..<5, 9..<10], [5..<9, 0..<6], [0..<9, 2..<3], []])
    func `a number is found in the first stretch that holds it`(ranges: [Range<Int>]) throws {
        var runs = NumberRuns<Int>()
        for (index, range) in ranges.enumerated() { try runs.append(range, index, limits: .default) }
        for number in -1..<12 { #expect(runs.find(number)?.place == ranges.firstIndex { $0.contains(number) }) }
        #expect(runs.upperBound == ranges.map(\.upperBound).max() ?? 0)
    }

    @Test func `many stretches are taken in order only`() throws {
        var runs = NumberRuns<Int>()
        for index in 0..<5_000 { try runs.append((2 * index)..<(2 * index + 1), index, limits: .default) }
        #expect(runs.find(8_000)?.place == 4_000)
        #expect { try runs.append(0..<1, 0, limits: .default) } throws: { ($0 as? PDFError)?.code == .tooComplex }
    }
}
