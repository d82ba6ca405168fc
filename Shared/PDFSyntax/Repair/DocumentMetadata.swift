// SPDX-License-Identifier: Apache-2.0

/// The metadata stream of a document, which is XML (ISO 32000-2, 14.3.2).
enum DocumentMetadata {
    private static let wideMarks: [[UInt8]] = [[0xFE, 0xFF], [0xFF, 0xFE], [0x00, 0x00, 0xFE, 0xFF]]

    /// Whether the bytes are text at all: validators refuse every later change of a document whose metadata is none.
    static func isText(_ bytes: [UInt8]) -> Bool {
        if wideMarks.contains(where: { bytes.starts(with: $0) }) { return true }
        return String(validating: bytes, as: UTF8.self) != nil
    }
}
