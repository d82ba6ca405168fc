// SPDX-License-Identifier: Apache-2.0
import COpenSSL
import Clocks

/// Texts of OpenSSL's ASN.1 objects.
enum ASN1Text {
    /// The dotted form of an object identifier, however long OpenSSL's name for it is; empty for one it cannot write.
    static func dotted(_ object: OpaquePointer?) -> String {
        var text = [UInt8](repeating: 0, count: 256)
        let length = text.withUnsafeMutableBytes { buffer in
            OBJ_obj2txt(buffer.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(buffer.count), object, 1)
        }
        guard length > 0, length < text.count else { return "" }
        return String(decoding: text.prefix(Int(length)), as: UTF8.self)
    }

    /// A GeneralizedTime in UTC with any number of decimals, which ASN1_TIME_diff(3) would not read.
    static func generalizedTime(_ text: [UInt8]) -> Instant? {
        guard text.count >= 15, text.last == UInt8(ascii: "Z") else { return nil }
        let digits = text[0..<14]
        guard digits.allSatisfy({ (48...57).contains($0) }) else { return nil }
        let characters = digits.map { String(UnicodeScalar($0)) }
        func part(_ range: Range<Int>) -> String { characters[range].joined() }
        var rfc3339 =
            "\(part(0..<4))-\(part(4..<6))-\(part(6..<8))T\(part(8..<10)):\(part(10..<12)):\(part(12..<14))"
        let fraction = text[14..<(text.count - 1)]
        if let point = fraction.first {
            let decimals = fraction.dropFirst()
            guard point == UInt8(ascii: ".") || point == UInt8(ascii: ","), !decimals.isEmpty, decimals.count <= 20,
                decimals.allSatisfy({ (48...57).contains($0) })
            else { return nil }
            rfc3339 += "." + String(decoding: decimals, as: UTF8.self)
        }
        return Instant(rfc3339: rfc3339 + "Z")
    }
}
