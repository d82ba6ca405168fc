// SPDX-License-Identifier: Apache-2.0

/// One element of a DER text, as ranges of the bytes it was read from.
package struct DERElement: Sendable {
    /// The identifier octet; tags above 30 are not read.
    package let tag: UInt8
    /// Tag, length and content.
    package let whole: Range<Int>
    /// The content alone.
    package let content: Range<Int>
}

/// Reads definite-length encodings without copying; everything malformed is nil.
package struct DERReader: Sendable {
    /// More elements than any CMS signature has on one level.
    private static let maximumChildren = 1_024

    /// The whole text.
    package let bytes: [UInt8]

    /// Reads nothing yet.
    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The element at the beginning; what follows it, like the zero padding of `/Contents`, is not looked at.
    package var root: DERElement? { element(in: 0..<bytes.count) }

    /// The element at the beginning of a range, which it need not fill.
    package func element(in range: Range<Int>) -> DERElement? {
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

    /// The elements that fill a constructed one; nil when they do not.
    package func children(of parent: DERElement) -> [DERElement]? {
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

    /// Tag, length and content of an element.
    package func whole(_ element: DERElement) -> [UInt8] { Array(bytes[element.whole]) }

    /// The content of an element.
    package func content(_ element: DERElement) -> [UInt8] { Array(bytes[element.content]) }
}
