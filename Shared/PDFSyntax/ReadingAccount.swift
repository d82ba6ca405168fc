// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// What reading a document has cost so far and what was overlooked in it, shared by all who read it.
///
/// Work is counted, not timed, so that a document is refused on every machine or on none.
final class ReadingAccount: Sendable {
    private let maximumWork: Int
    private let maximumOutput: Int
    private let work = Atomic<Int>(0)
    private let output = Atomic<Int>(0)
    private let overlooked = Atomic<Int>(0)

    init(limits: PDFLimits) {
        maximumWork = limits.maximumWork
        maximumOutput = limits.maximumTotalOutput
    }

    /// Bytes that streams may still decode to.
    var remainingOutput: Int { maximumOutput - output.load(ordering: .relaxed) }

    var irregularities: PDFIrregularities {
        PDFIrregularities(rawValue: overlooked.load(ordering: .relaxed))
    }

    func spend(_ amount: Int) throws(PDFError) {
        let total = work.wrappingAdd(amount, ordering: .relaxed).newValue
        guard total <= maximumWork else {
            throw .tooComplex("Reading the document takes more than \(maximumWork) steps.")
        }
    }

    /// Counts what a stream decoded to, which is work as well.
    func spend(output amount: Int) throws(PDFError) {
        output.wrappingAdd(amount, ordering: .relaxed)
        try spend(amount)
    }

    func overlook(_ irregularity: PDFIrregularities) {
        guard !irregularities.isSuperset(of: irregularity) else { return }
        overlooked.bitwiseOr(irregularity.rawValue, ordering: .relaxed)
    }
}
