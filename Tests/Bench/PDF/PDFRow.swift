// SPDX-License-Identifier: Apache-2.0

/// One figure of the engine: what is signed, how, and which share of the floor it has to reach.
struct PDFRow: Sendable {
    /// Whose key signs.
    enum Key: String, Sendable {
        case rsa2048 = "rsa"
        case p256
    }

    /// How documents come and go.
    enum Shape: Sendable, Equatable {
        /// Bytes to bytes, invisible.
        case memory
        /// Bytes to bytes, with an appearance.
        case visible
        /// File to file.
        case file
        /// One document through ten signers, bytes to bytes.
        case tenSigners
    }

    let name: String
    /// A document of `bench_pdfs.py`, without `.pdf`.
    let input: String
    let key: Key
    let shape: Shape
    /// Least share of the floor's documents per second.
    let share: Double

    static let all = [
        PDFRow(name: "pdf_30k_rsa2048", input: "30k", key: .rsa2048, shape: .memory, share: 0.9),
        PDFRow(name: "pdf_30k_p256", input: "30k", key: .p256, shape: .memory, share: 1),
        PDFRow(name: "pdf_30k_visible", input: "30k", key: .rsa2048, shape: .visible, share: 0.6),
        PDFRow(name: "pdf_1m_rsa2048", input: "1m", key: .rsa2048, shape: .memory, share: 0.9),
        PDFRow(name: "pdf_10m_rsa2048", input: "10m", key: .rsa2048, shape: .memory, share: 0.9),
        PDFRow(name: "pdf_100m_file", input: "100m", key: .rsa2048, shape: .file, share: 0.9),
        PDFRow(name: "pdf_60k_table", input: "60k_table", key: .rsa2048, shape: .memory, share: 0.6),
        PDFRow(name: "pdf_60k_streams", input: "60k_streams", key: .rsa2048, shape: .memory, share: 0.3),
        PDFRow(name: "pdf_ten_signers", input: "30k", key: .rsa2048, shape: .tenSigners, share: 0.6),
    ]
}
