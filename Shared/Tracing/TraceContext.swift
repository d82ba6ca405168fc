// SPDX-License-Identifier: Apache-2.0
import ByteCoding

/// The `traceparent` of W3C Trace Context, level 1: which trace this work belongs to and which span it is.
package struct TraceContext: Sendable, Hashable {
    /// Thirty-two lower-case hexadecimal digits.
    package let traceID: String
    /// Sixteen lower-case hexadecimal digits.
    package let spanID: String
    /// Whether the caller records this trace.
    package let isSampled: Bool

    /// Parses a `traceparent` header; nil for version `ff`, zero ids and anything malformed.
    ///
    /// Versions above `00` may carry more fields behind the flags, which are ignored (W3C Trace Context, 3.2.4).
    package init?(traceparent text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 55, bytes[2] == 0x2D, bytes[35] == 0x2D, bytes[52] == 0x2D,
            let version = Self.lowerCaseHex(bytes[0..<2]), version != "ff",
            version == "00" ? bytes.count == 55 : (bytes.count == 55 || bytes[55] == 0x2D),
            let traceID = Self.lowerCaseHex(bytes[3..<35]), traceID.utf8.contains(where: { $0 != 0x30 }),
            let spanID = Self.lowerCaseHex(bytes[36..<52]), spanID.utf8.contains(where: { $0 != 0x30 }),
            Self.lowerCaseHex(bytes[53..<55]) != nil, let flags = Hex.value(of: bytes[54])
        else { return nil }
        self.traceID = traceID
        self.spanID = spanID
        isSampled = flags & 1 == 1
    }

    private init(traceID: String, spanID: String, isSampled: Bool) {
        self.traceID = traceID
        self.spanID = spanID
        self.isSampled = isSampled
    }

    /// A new trace with random ids.
    package static func root(isSampled: Bool = true) -> TraceContext {
        TraceContext(traceID: randomHex(words: 2), spanID: randomHex(words: 1), isSampled: isSampled)
    }

    /// A new span of the same trace.
    package func child() -> TraceContext {
        TraceContext(traceID: traceID, spanID: Self.randomHex(words: 1), isSampled: isSampled)
    }

    /// The header's value in version `00`.
    package var traceparent: String { "00-\(traceID)-\(spanID)-\(isSampled ? "01" : "00")" }

    private static func lowerCaseHex(_ bytes: ArraySlice<UInt8>) -> String? {
        let isHex = bytes.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
        return isHex ? String(decoding: bytes, as: UTF8.self) : nil
    }

    /// Never zero, which the standard reserves for "no id".
    private static func randomHex(words: Int) -> String {
        var bytes: [UInt8] = []
        for _ in 0..<words {
            let word = UInt64.random(in: 1 ... .max)
            for shift in stride(from: UInt64(56), through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: word >> shift))
            }
        }
        return Hex.encode(bytes)
    }
}
