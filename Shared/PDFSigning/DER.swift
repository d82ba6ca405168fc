// SPDX-License-Identifier: Apache-2.0

/// Writes distinguished encoding (X.690), as far as CMS needs it.
enum DER {
    static func element(_ tag: UInt8, _ parts: [UInt8]...) -> [UInt8] {
        element(tag, parts: parts)
    }

    static func element(_ tag: UInt8, parts: [[UInt8]]) -> [UInt8] {
        let length = parts.reduce(0) { $0 + $1.count }
        var output: [UInt8] = []
        output.reserveCapacity(length + 6)
        output.append(tag)
        if length < 0x80 {
            output.append(UInt8(length))
        } else {
            let octets = (Int.bitWidth - length.leadingZeroBitCount + 7) / 8
            output.append(0x80 | UInt8(octets))
            for shift in stride(from: (octets - 1) * 8, through: 0, by: -8) {
                output.append(UInt8(truncatingIfNeeded: length >> shift))
            }
        }
        for part in parts { output += part }
        return output
    }

    static func sequence(_ parts: [UInt8]...) -> [UInt8] { element(0x30, parts: parts) }

    /// SET OF with its elements in the order of their encodings (X.690, 11.6).
    static func setOf(tag: UInt8 = 0x31, _ elements: [[UInt8]]) -> [UInt8] {
        element(tag, parts: elements.sorted { $0.lexicographicallyPrecedes($1) })
    }

    static func octetString(_ bytes: [UInt8]) -> [UInt8] { element(0x04, bytes) }
}

/// The object identifiers of a PAdES signature, as whole DER elements.
enum ObjectIdentifier {
    static let data: [UInt8] = [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x01]
    static let signedData: [UInt8] = [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02]
    static let contentType: [UInt8] = [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x03]
    static let messageDigest: [UInt8] = [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x04]
    static let signingTime: [UInt8] = [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x05]
    static let signingCertificateV2: [UInt8] = [
        0x06, 0x0B, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x10, 0x02, 0x2F,
    ]
    static let signatureTimestamp: [UInt8] = [
        0x06, 0x0B, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x10, 0x02, 0x0E,
    ]
    static let rsaEncryption: [UInt8] = [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01]
}
