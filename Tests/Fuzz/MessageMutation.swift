// SPDX-License-Identifier: Apache-2.0
import ByteCoding

/// Changes elements of a DER text and keeps the lengths around them right, so that its reader goes on behind them.
enum MessageMutation {
    private static let deepest = 40

    static func mutated(_ bytes: [UInt8], among others: [[UInt8]], _ dice: inout Dice) -> [UInt8] {
        var bytes = bytes
        for _ in 0...dice.below(3) {
            switch dice.below(4) {
            case 0: ByteMutation.change(&bytes, times: 1, &dice)
            default:
                let donor = DERReader(dice.pick(others) ?? bytes)
                let reader = DERReader(bytes)
                guard let root = reader.root else { continue }
                let taken = donor.root.map { donor.whole(element(in: donor, below: $0, &dice)) } ?? []
                bytes = changed(root, of: reader, depth: 0, donor: taken, &dice)
            }
        }
        return bytes
    }

    /// A step down at a time: upper levels have fewer elements and mean more.
    private static func element(in reader: DERReader, below root: DERElement, _ dice: inout Dice) -> DERElement {
        var element = root
        while element.tag & 0x20 != 0, !dice.isOne(in: 5),
            let next = dice.pick(reader.children(of: element) ?? [])
        {
            element = next
        }
        return element
    }

    private static func changed(
        _ element: DERElement, of reader: DERReader, depth: Int, donor: [UInt8], _ dice: inout Dice
    ) -> [UInt8] {
        guard element.tag & 0x20 != 0, depth < deepest, let children = reader.children(of: element), !children.isEmpty,
            !dice.isOne(in: 12)
        else { return leaf(element, of: reader, donor: donor, &dice) }
        let index = dice.below(children.count)
        var parts = children.map(reader.whole)
        switch dice.below(12) {
        case 0: parts.remove(at: index)
        case 1: parts.insert(parts[index], at: dice.below(parts.count))
        case 2: parts.insert(donor, at: index)
        case 3 where dice.isOne(in: 6): parts += Array(repeating: parts[index], count: 1 << dice.below(11))
        default: parts[index] = changed(children[index], of: reader, depth: depth + 1, donor: donor, &dice)
        }
        return DER.element(element.tag, parts: parts)
    }

    private static func leaf(
        _ element: DERElement, of reader: DERReader, donor: [UInt8], _ dice: inout Dice
    ) -> [UInt8] {
        var content = reader.content(element)
        switch dice.below(7) {
        case 0: return donor
        case 1: return DER.element(dice.byte(), content)
        case 2: content = []
        case 3: content += (0..<(1 + dice.below(40))).map { _ in dice.byte() }
        case 4 where content.count < 2_000:
            // Nesting is what recursion dies of.
            for _ in 0..<(1 << dice.below(12)) { content = DER.element(element.tag | 0x20, content) }
        default: ByteMutation.change(&content, times: 1, &dice)
        }
        return DER.element(element.tag, content)
    }
}
