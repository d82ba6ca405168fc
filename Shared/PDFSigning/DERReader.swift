// SPDX-License-Identifier: Apache-2.0

/// One element of a DER text, as ranges of the bytes it was read from.
struct DERElement: Sendable {
    let tag: UInt8
    /// Tag, length and content.
    let whole: Range<Int>
    let content: Range<Int>
}

/// Reads definite-length encodings without copying; everything malformed is nil.
struct DERReader: Sendable {
    /// More elements than any CMS signature has on one level.
    private static let maximumChildren = 1_024

    let bytes: [UInt8]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The element at the beginning; what follows it is the zero padding of `/Contents`.
    var root: DERElement? { element(in: 0..<bytes.count) }

    func element(in range: Range<Int>) -> DERElement? {
        guard range.count >= 2 else { return nil }
        let tag = bytes[range.lowerBound]
        guard tag & 0x1F != 0x1F else { return nil }
        var position = range.lowerBound + 1
        var length = Int(bytes[position])
        position += 1
        if length >= 0x80 {
            let octets = length & 0x7F
            guard (1...4).contains(octets), position + octets <= range.upperBound else { return nil }
            length = bytes[position..<(position + octets)].reduce(0) { $0 << 8 | Int($1) }
            position += octets
        }
        guard length <= range.upperBound - position else { return nil }
        return DERElement(
            tag: tag, whole: range.lowerBound..<(position + length), content: position..<(position + length))
    }

    func children(of parent: DERElement) -> [DERElement]? {
        var children: [DERElement] = []
        var position = parent.content.lowerBound
        while position < parent.content.upperBound {
            guard children.count < Self.maximumChildren,
                let child = element(in: position..<parent.content.upperBound)
            else { return nil }
            children.append(child)
            position = child.whole.upperBound
        }
        return children
    }

    func whole(_ element: DERElement) -> [UInt8] { Array(bytes[element.whole]) }

    func content(_ element: DERElement) -> [UInt8] { Array(bytes[element.content]) }
}
