// SPDX-License-Identifier: Apache-2.0

/// What opens an encrypted PDF: `--password TEXT`, which other users of the machine can see, or `--password-file FILE`.
struct DocumentPassword {
    /// For `Arguments`.
    static let options: Set<String> = ["password", "password-file"]

    private let text: String?
    private let path: String?

    init(_ arguments: Arguments) throws(UsageError) {
        text = arguments["password"]
        path = arguments["password-file"]
        guard text == nil || path == nil else {
            throw UsageError(message: "give --password or --password-file, not both")
        }
    }

    /// Nil when none was given; the first line of the file.
    /// - Throws: `CommandFailure` for a file that cannot be read, or that others may read.
    func read() throws(CommandFailure) -> String? {
        guard let path else { return text }
        return String(decoding: try SigningKey.firstLine(of: path), as: UTF8.self)
    }
}
