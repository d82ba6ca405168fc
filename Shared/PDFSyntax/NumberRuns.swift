// SPDX-License-Identifier: Apache-2.0

/// Stretches of object numbers, each with where its entries are; found by halving as long as they stand in order.
struct NumberRuns<Place: Sendable>: Sendable {
    /// Overlapping or unordered stretches are searched one by one, so they must be few.
    private static var maximumUnordered: Int { 1_000 }

    private var runs: [(numbers: Range<Int>, place: Place)] = []
    private var isOrdered = true

    /// One more than the largest number.
    private(set) var upperBound = 0

    mutating func append(_ numbers: Range<Int>, _ place: Place) throws(PDFError) {
        guard !numbers.isEmpty else { return }
        if numbers.lowerBound < upperBound { isOrdered = false }
        guard isOrdered || runs.count < Self.maximumUnordered else {
            throw .tooComplex("A cross-reference section has too many subsections out of order.")
        }
        upperBound = max(upperBound, numbers.upperBound)
        runs.append((numbers, place))
    }

    /// The stretch that holds a number; of several the last.
    func find(_ number: Int) -> (numbers: Range<Int>, place: Place)? {
        guard isOrdered else { return runs.last { $0.numbers.contains(number) } }
        var low = 0
        var high = runs.count
        while low < high {
            let middle = (low + high) / 2
            if runs[middle].numbers.upperBound <= number { low = middle + 1 } else { high = middle }
        }
        guard low < runs.count, runs[low].numbers.contains(number) else { return nil }
        return runs[low]
    }
}
