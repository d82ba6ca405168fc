// SPDX-License-Identifier: Apache-2.0
import Envelopes
import Foundation
import Keys

/// Makes the links that stand in mails: the token is computed here and in intake, and stored in neither.
struct SigningLinks: Sendable {
    private let publicURL: String
    private let key: LinkKey

    /// The name in Message-IDs: the host of the public URL.
    let host: String

    init(publicURL: String, key: LinkKey) {
        self.publicURL = publicURL.hasSuffix("/") ? String(publicURL.dropLast()) : publicURL
        self.key = key
        let host = URL(string: publicURL)?.host()
        self.host = host.flatMap { Mailbox(name: nil, address: "paraph@\($0)") == nil ? nil : $0 } ?? "paraph.invalid"
    }

    func link(request: RequestID, generation: Int) -> String {
        "\(publicURL)/sign/\(key.token(request: request.uuid, generation: generation).uuidString.lowercased())"
    }
}
