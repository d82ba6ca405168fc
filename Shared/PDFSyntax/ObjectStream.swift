// SPDX-License-Identifier: Apache-2.0

/// A decoded object stream (ISO 32000-2, 7.5.7), whose list of addresses is read as far as it was asked for.
struct ObjectStream: Sendable {
    let number: Int
    let data: [UInt8]
    private let first: Int
    private let count: Int
    private var addresses: [(number: Int, offset: Int)] = []
    /// Where the list goes on.
    private var cursor = 0

    /// Addresses read so far.
    var knownCount: Int { addresses.count }

    init(number: Int, dictionary: PDFDictionary, data: [UInt8]) throws(PDFError) {
        guard dictionary["Type"]?.nameValue == "ObjStm", let first = dictionary["First"]?.integerValue,
            let count = dictionary["N"]?.integerValue, (0...data.count).contains(first), (0...first).contains(count)
        else { throw .damaged("Object stream \(number) has no usable /N and /First.") }
        self.number = number
        self.data = data
        self.first = first
        self.count = count
    }

    /// Where an object begins in `data`: at the index that the cross-reference states, else wherever the list has it.
    mutating func offset(
        of object: Int, index: Int, account: ReadingAccount, limits: PDFLimits
    ) throws(PDFError) -> Int {
        if index >= 0, index < count {
            try read(through: index, account: account, limits: limits)
            if addresses[index].number == object { return try checked(addresses[index].offset) }
        }
        try read(through: count - 1, account: account, limits: limits)
        try account.spend(count)
        guard let found = addresses.first(where: { $0.number == object }) else {
            throw .damaged("Object \(object) is not in object stream \(number), which the cross-reference names.")
        }
        account.overlook(.objectIndex)
        return try checked(found.offset)
    }

    /// The numbers of all its objects, in order.
    mutating func numbers(account: ReadingAccount, limits: PDFLimits) throws(PDFError) -> [Int] {
        try read(through: count - 1, account: account, limits: limits)
        return addresses.map(\.number)
    }

    private func checked(_ offset: Int) throws(PDFError) -> Int {
        guard offset <= data.count - first else { throw damagedList }
        return first + offset
    }

    /// Reads the list up to an index, and ahead as far again, so that the list is not copied for each object.
    private mutating func read(
        through index: Int, account: ReadingAccount, limits: PDFLimits
    ) throws(PDFError) {
        guard addresses.count <= index else { return }
        let wanted = min(count, max(index + 1, 2 * addresses.count, 16))
        addresses.reserveCapacity(wanted)
        var parser = PDFParser(data, at: cursor, place: .objectStream(number), limits: limits)
        while addresses.count < wanted {
            parser.skipWhitespace()
            let number = parser.unsignedInteger()
            parser.skipWhitespace()
            guard let number, let offset = parser.unsignedInteger() else {
                guard addresses.count > index else { throw damagedList }
                break
            }
            addresses.append((number, offset))
            cursor = parser.position
        }
        try account.spend(parser.work + addresses.count)
    }

    private var damagedList: PDFError { .damaged("The list of addresses of object stream \(number) is damaged.") }
}
