// SPDX-License-Identifier: Apache-2.0
import ByteCoding

/// Turns indefinite lengths and strings in pieces, which other signers write, into what `DERReader` reads (X.690, 8).
enum BasicEncoding {
    private static let maximumDepth = 64

    /// One element with what follows it.
    struct Converted {
        /// The element itself when no length in it was indefinite, else the same with definite lengths.
        let bytes: [UInt8]
        /// Bytes that the element took in the input.
        let consumed: Int
        /// False when a length was indefinite.
        let isDefinite: Bool
    }

    /// The element at the beginning; nil when it is malformed or cut.
    static func definite(_ bytes: [UInt8]) -> Converted? {
        var scan = Scan(bytes, isBuilding: false)
        guard scan.element(upTo: bytes.count, depth: 0) != nil else { return nil }
        // Definite encodings stay byte for byte as they were signed.
        guard scan.sawIndefinite else {
            return Converted(bytes: Array(bytes[..<scan.position]), consumed: scan.position, isDefinite: true)
        }
        var building = Scan(bytes, isBuilding: true)
        guard let element = building.element(upTo: bytes.count, depth: 0) else { return nil }
        return Converted(bytes: element, consumed: building.position, isDefinite: false)
    }

    private struct Scan {
        let bytes: [UInt8]
        var position = 0
        var sawIndefinite = false

        /// False to find out only whether there is something to convert.
        private let isBuilding: Bool

        init(_ bytes: [UInt8], isBuilding: Bool) {
            self.bytes = bytes
            self.isBuilding = isBuilding
        }

        mutating func element(upTo limit: Int, depth: Int) -> [UInt8]? {
            guard depth < BasicEncoding.maximumDepth, limit - position >= 2 else { return nil }
            let tag = bytes[position]
            guard tag & 0x1F != 0x1F else { return nil }
            let first = bytes[position + 1]
            position += 2
            var end: Int?
            if first != 0x80 {
                guard let length = length(first, upTo: limit) else { return nil }
                end = position + length
            } else {
                guard tag & 0x20 != 0 else { return nil }
                sawIndefinite = true
            }
            guard tag & 0x20 != 0 else {
                guard let end else { return nil }
                defer { position = end }
                return isBuilding ? DER.element(tag, Array(bytes[position..<end])) : []
            }
            var children: [[UInt8]] = []
            while position != end {
                let inner = end ?? limit
                if end == nil, inner - position >= 2, bytes[position] == 0, bytes[position + 1] == 0 {
                    position += 2
                    break
                }
                guard position < inner, let child = element(upTo: inner, depth: depth + 1) else { return nil }
                if isBuilding { children.append(child) }
            }
            guard isBuilding else { return [] }
            // A string in pieces becomes one (8.7.3).
            if tag == 0x24 { return joined(children) }
            return DER.element(tag, parts: children)
        }

        private mutating func length(_ first: UInt8, upTo limit: Int) -> Int? {
            var length = Int(first)
            if first > 0x80 {
                let octets = length & 0x7F
                guard (1...4).contains(octets), position + octets <= limit else { return nil }
                length = bytes[position..<(position + octets)].reduce(0) { $0 << 8 | Int($1) }
                position += octets
            }
            return length <= limit - position ? length : nil
        }

        private func joined(_ pieces: [[UInt8]]) -> [UInt8]? {
            var content: [UInt8] = []
            for piece in pieces {
                let reader = DERReader(piece)
                guard let root = reader.root, root.tag == 0x04 else { return nil }
                content += reader.content(root)
            }
            return DER.octetString(content)
        }
    }
}
