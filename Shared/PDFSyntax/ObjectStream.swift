// SPDX-License-Identifier: Apache-2.0

/// A decoded object stream with the addresses of its objects (ISO 32000-2, 7.5.7).
struct ObjectStream: Sendable {
    private let data: [UInt8]
    private let addresses: [(number: Int, offset: Int)]

    init(dictionary: PDFDictionary, data: [UInt8], limits: PDFLimits) throws(PDFError) {
        guard dictionary["Type"]?.nameValue == "ObjStm", let first = dictionary["First"]?.integerValue,
            let count = dictionary["N"]?.integerValue, (0...data.count).contains(first), (0...first).contains(count)
        else { throw .damaged("An object stream has no usable /N and /First.") }
        var parser = PDFParser(data, limits: limits)
        var addresses: [(number: Int, offset: Int)] = []
        addresses.reserveCapacity(count)
        for _ in 0..<count {
            parser.skipWhitespace()
            guard let number = parser.unsignedInteger() else { throw Self.badHeader }
            parser.skipWhitespace()
            guard let offset = parser.unsignedInteger(), offset <= data.count - first else { throw Self.badHeader }
            addresses.append((number, first + offset))
        }
        self.data = data
        self.addresses = addresses
    }

    /// The object of that number; the index of the cross-reference is checked against it.
    func object(_ number: Int, index: Int, limits: PDFLimits) throws(PDFError) -> PDFObject {
        guard addresses.indices.contains(index), addresses[index].number == number else {
            throw .damaged("Object \(number) is not in the object stream that the cross-reference names.")
        }
        var parser = PDFParser(data, at: addresses[index].offset, limits: limits)
        return try parser.object()
    }

    private static var badHeader: PDFError { .damaged("An object stream's list of addresses is damaged.") }
}
