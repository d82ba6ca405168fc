// SPDX-License-Identifier: Apache-2.0

/// Counts the values of dictionaries that are held together, since a file may name one large object many times.
struct HeldValues {
    private let maximum: Int
    private var count = 0

    init(limits: PDFLimits) { maximum = limits.maximumHeldValues }

    mutating func add(_ dictionary: PDFDictionary) throws(PDFError) {
        count += Self.count(dictionary)
        guard count <= maximum else {
            throw .tooComplex("The pages or fields of the document hold more than \(maximum) values.")
        }
    }

    /// The parser has bounded how deep this goes.
    private static func count(_ dictionary: PDFDictionary) -> Int {
        var count = 0
        for entry in dictionary.entries { count += self.count(entry.value) }
        return count
    }

    private static func count(_ object: PDFObject) -> Int {
        switch object {
        case .array(let elements): elements.reduce(1) { $0 + count($1) }
        case .dictionary(let dictionary): 1 + count(dictionary)
        default: 1
        }
    }
}
