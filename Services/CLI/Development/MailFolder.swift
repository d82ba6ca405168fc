// SPDX-License-Identifier: Apache-2.0
import Foundation

/// The folder in which a development installation catches mails.
struct MailFolder {
    let folder: URL

    /// The signing link mailed to this address for this envelope; waits for it up to 20 s.
    ///
    /// - Throws: `CommandFailure` when no such mail came.
    func link(to address: String, envelope: String) async throws -> String {
        let deadline = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < deadline {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
            for name in names where name.hasSuffix(".eml") {
                let file = folder.appendingPathComponent(name)
                guard let text = try? String(contentsOf: file, encoding: .utf8), text.contains(address),
                    text.contains(envelope), let link = Self.link(in: text)
                else { continue }
                return link
            }
            try await Task.sleep(for: .milliseconds(5))
        }
        throw CommandFailure("no mail to \(address) arrived in \(folder.path); see the notifier's log")
    }

    /// The first `http…/sign/TOKEN` in the text, soft line breaks of quoted-printable taken out.
    private static func link(in mail: String) -> String? {
        let text = mail.replacingOccurrences(of: "=\r\n", with: "").replacingOccurrences(of: "=\n", with: "")
        guard let path = text.range(of: "/sign/") else { return nil }
        let head = text[..<path.lowerBound]
        guard let scheme = head.range(of: "http", options: .backwards) else { return nil }
        let token = text[path.upperBound...].prefix { $0.isHexDigit || $0 == "-" }
        return head[scheme.lowerBound...] + "/sign/" + token
    }
}
