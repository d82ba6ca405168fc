// SPDX-License-Identifier: Apache-2.0
import FileSystem
import Keys

/// Development's mail server: a folder that gets each mail as a file, named after its Message-ID, so a repeat replaces it.
struct MailDrop: MailTransport {
    let channel = "mail_drop"
    private let folder: String
    private let files = BlockingPool(label: "mail-drop", width: 8)

    init(folder: String) { self.folder = folder }

    func send(_ message: MailMessage) async throws {
        let path = "\(folder)/\(message.messageID.prefix { $0 != "@" }).eml"
        let bytes = message.bytes
        do {
            try await files.run {
                let file = try DurableFile(path: path, mode: 0o640)
                try file.append(bytes)
                try file.commit()
            }
        } catch is FileSystemError {
            throw MailFailure(code: "mail_drop_unwritable", isRetriable: true)
        }
    }
}
