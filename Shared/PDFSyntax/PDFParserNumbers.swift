// SPDX-License-Identifier: Apache-2.0

/// Numbers and references, with the slips that other readers overlook (ISO 32000-2, 7.3.3 and 7.3.10).
extension PDFParser {
    /// Longer ones are no numbers; a double needs some 340 digits at most.
    private static var maximumNumberBytes: Int { 400 }

    mutating func numberOrReference() throws(PDFError) -> PDFObject {
        let first = try number()
        guard case .integer(let objectNumber) = first, objectNumber >= 0, let separator = peek(),
            PDFCharacter.isWhitespace(separator)
        else { return first }
        let afterFirst = position
        skipWhitespace()
        if let generation = unsignedInteger(), generation <= 65_535 {
            let afterSecond = position
            skipWhitespace()
            if position > afterSecond, peek() == UInt8(ascii: "R") {
                position += 1
                if peek().map(PDFCharacter.isRegular) != true {
                    // Object 0 is the head of the free list, so nobody finds anything there.
                    guard objectNumber > 0 else { return .null }
                    return .reference(PDFReference(number: objectNumber, generation: generation))
                }
            }
        }
        position = afterFirst
        return first
    }

    /// A number; signs are dropped but the first, a second point ends it, no digits mean zero.
    mutating func number() throws(PDFError) -> PDFObject {
        let start = position
        var value = 0
        var overflow = false
        var digits = 0
        var isReal = false
        var isRegular = true
        var isNegative = false
        reading: while let byte = peek() {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                digits += 1
                let (product, high) = value.multipliedReportingOverflow(by: 10)
                let (sum, carry) = product.addingReportingOverflow(Int(byte - 48))
                overflow = overflow || high || carry
                value = sum
            case UInt8(ascii: "."):
                guard !isReal else { break reading }
                isReal = true
            case UInt8(ascii: "-"), UInt8(ascii: "+"):
                if position > start { isRegular = false }
                if digits == 0, byte == UInt8(ascii: "-") { isNegative = true }
            default: break reading
            }
            position += 1
        }
        let end = position
        guard end - start <= Self.maximumNumberBytes else {
            throw damaged("A number has more than \(Self.maximumNumberBytes) digits")
        }
        if digits > 0, let exponent = exponent() {
            return Self.number(bytes[start..<end], exponent: exponent, isNegative: isNegative)
        }
        if isReal, peek() == UInt8(ascii: ".") { skipRest() }
        if digits == 0 { return .integer(0) }
        guard isReal || overflow else { return .integer(isNegative ? -value : value) }
        if isRegular { return .real(Array(bytes[start..<end])) }
        let unsigned = bytes[start..<end].filter { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "+") }
        return .real((isNegative ? [UInt8(ascii: "-")] : []) + unsigned)
    }

    /// Consumes digits; nil, and nothing consumed, where there are none or too many.
    mutating func unsignedInteger() -> Int? {
        let start = position
        var value = 0
        while let byte = peek(), PDFCharacter.isDigit(byte) {
            let (product, high) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(Int(byte - 48))
            guard !high, !carry else {
                position = start
                return nil
            }
            value = sum
            position += 1
        }
        return position > start ? value : nil
    }

    private mutating func skipRest() {
        while let byte = peek(), PDFCharacter.isRegular(byte) { position += 1 }
    }

    /// Consumes `e5` and its like, which PDF does not know but some writers do; nil where none stands.
    private mutating func exponent() -> Int? {
        guard let byte = peek(), byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") else { return nil }
        let start = position
        position += 1
        let sign = peek()
        if sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { position += 1 }
        guard let value = unsignedInteger(), value <= 300, peek().map(PDFCharacter.isRegular) != true else {
            position = start
            return nil
        }
        return sign == UInt8(ascii: "-") ? -value : value
    }

    private static func number(_ text: ArraySlice<UInt8>, exponent: Int, isNegative: Bool) -> PDFObject {
        let digits = text.filter { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "+") }
        var value = PDFNumberText.value(of: Array(digits)) ?? 0
        for _ in 0..<abs(exponent) { value = exponent < 0 ? value / 10 : value * 10 }
        return PDFNumberText.object(isNegative ? -value : value)
    }
}
