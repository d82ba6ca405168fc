// SPDX-License-Identifier: Apache-2.0
import Configuration
import HTTPClient
import ServiceAPI

/// The notifier's settings: exactly one of mail server and mail folder.
struct NotifierConfiguration: ServiceConfiguration {
    static let keyPrefix = "NOTIFIER_"
    static let keys: [any ConfigurationKeyDescription] =
        BackboneConfiguration.keys(prefix: keyPrefix) + [
            fromKey, dropKey, hostKey, portKey, securityKey, userKey, passwordKey,
        ]

    let backbone: BackboneConfiguration
    let from: String
    let mailDrop: String?
    let server: SMTPServer?

    init(reader: inout ConfigurationReader) {
        backbone = BackboneConfiguration(reader: &reader, prefix: Self.keyPrefix)
        from = reader.string(Self.fromKey)
        mailDrop = reader.optional(Self.dropKey)
        let host = reader.optional(Self.hostKey)
        let port = reader.port(Self.portKey)
        let security = reader.choice(Self.securityKey)
        let user = reader.optional(Self.userKey)
        let password = reader.optional(Self.passwordKey)
        server = host.map { host in
            var server = SMTPServer(host: host, port: port, security: security)
            server.user = user
            server.password = password
            return server
        }
        if (mailDrop == nil) == (host == nil) {
            reader.refuse(
                Self.hostKey, allowed: "set for a mail server, or NOTIFIER_MAIL_DROP for a folder: one of the two")
        }
        if Mailbox(from) == nil { reader.refuse(Self.fromKey, allowed: "an address, or a name with <address>") }
    }

    private static let fromKey = ConfigurationKey.string(
        "NOTIFIER_MAIL_FROM", default: "Paraph <paraph@localhost>", "who mails come from: an address, or Name <address>"
    )
    private static let dropKey = ConfigurationKey.path(
        "NOTIFIER_MAIL_DROP", optional: true, "folder that gets each mail as an .eml file; for development")
    private static let hostKey = ConfigurationKey.string("NOTIFIER_SMTP_HOST", optional: true, "mail server")
    private static let portKey = ConfigurationKey.port("NOTIFIER_SMTP_PORT", default: 587, "mail server's port")
    private static let securityKey = ConfigurationKey.choice(
        "NOTIFIER_SMTP_SECURITY", default: SMTPServer.Security.startTLS, "how the session is encrypted")
    private static let userKey = ConfigurationKey.string("NOTIFIER_SMTP_USER", optional: true, "mail account")
    private static let passwordKey = ConfigurationKey.secretFile(
        "NOTIFIER_SMTP_PASSWORD_FILE", optional: true, "password of the mail account")
}
