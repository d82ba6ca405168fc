// SPDX-License-Identifier: Apache-2.0

/// Where mails go.
protocol MailTransport: Sendable {
    /// The delivery channel's name in metrics and rows.
    var channel: String { get }

    /// Returns once the mail is in other hands for good.
    ///
    /// - Throws: `MailFailure`.
    func send(_ message: MailMessage) async throws
}

/// Why a mail did not go out; the code is safe to log and to store, it never holds an address.
struct MailFailure: Error, Equatable {
    let code: String
    /// True when the same mail may succeed later.
    let isRetriable: Bool
}
