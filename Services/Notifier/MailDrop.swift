// SPDX-License-Identifier: Apache-2.0
import FileSystem
import ServiceKit

/// Development's mail server: a folder that gets each mail as a file, named after its Message-ID, so a repeat replaces it.
struct MailDrop: MailTransport {
    let channel = "mail_drop"
    private let folder: String
    private let executor = BlockingExecutor(label: "mail-drop")

    init(folder: String) { self.folder = folder }

    func send(_ message: MailMessage) async throws {
        let path = "\(folder)/\(message.messageID.prefix { $0 != "@" }).eml"
        let bytes = message.bytes
        do {
            try await executor.run {
                let file = try DurableFile(path: path, mode: 0o644)
                try file.append(bytes)
                try file.commit()
            }
        } catch is FileSystemError {
            throw MailFailure(code: "mail_drop_unwritable", isRetriable: true)
        }
    }
}
