// SPDX-License-Identifier: Apache-2.0

/// Stretches of object numbers, each with where its entries are; found by halving as long as they stand in order.
struct NumberRuns<Place: Sendable>: Sendable {
    private var runs: [(numbers: Range<Int>, place: Place)] = []
    private var isOrdered = true

    /// Every stretch in the order in which it was appended.
    var all: [(numbers: Range<Int>, place: Place)] { runs }

    /// One more than the largest number.
    private(set) var upperBound = 0

    /// What a search costs, as work.
    var searchCost: Int { isOrdered ? 16 : 16 + runs.count }

    /// - Throws: `PDFError` with `tooComplex`; unordered stretches are searched one by one, so fewer are allowed.
    mutating func append(_ numbers: Range<Int>, _ place: Place, limits: PDFLimits) throws(PDFError) {
        guard !numbers.isEmpty else { return }
        if numbers.lowerBound < upperBound { isOrdered = false }
        guard runs.count < (isOrdered ? limits.maximumSubsections : limits.maximumSubsections / 100) else {
            throw .tooComplex("A cross-reference section has too many subsections, or too many out of order.")
        }
        upperBound = max(upperBound, numbers.upperBound)
        runs.append((numbers, place))
    }

    /// The stretch that holds a number; of several the first, as qpdf, poppler and PDFBox have it.
    func find(_ number: Int) -> (numbers: Range<Int>, place: Place)? {
        guard isOrdered else { return runs.first { $0.numbers.contains(number) } }
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
