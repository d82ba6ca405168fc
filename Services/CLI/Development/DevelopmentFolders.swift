// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Clocks
import Cryptography
import Foundation
import Keys

/// Makes what is missing in a development installation's folder: keys, passwords, shared areas, each with its owner.
struct DevelopmentFolders {
    let installation: DevelopmentInstallation

    func prepare() throws {
        let shared = installation.separatesUsers ? DevelopmentInstallation.storageGroup : nil
        try Ownership.folder(installation.logs, mode: 0o755)
        try Ownership.folder(installation.mail, user: installation.user("notifier"), mode: 0o755)
        try Ownership.folder(installation.objects, mode: 0o711)
        try Ownership.folder(
            installation.objects.appendingPathComponent("working"), group: shared, mode: shared == nil ? 0o700 : 0o2770)
        try Ownership.folder(
            installation.objects.appendingPathComponent("evidence"), user: installation.user("vault"), mode: 0o700)
        try passwords()
        try keys(group: shared)
        try programs()
    }

    /// A random password per role, each in a file only its service reads.
    private func passwords() throws {
        try Ownership.folder(installation.secrets, mode: 0o711)
        let roles = Siblings.services.map { "paraph_\($0)" } + ["paraph_owner", "superuser"]
        for role in roles {
            let file = installation.passwordFile(role)
            if !FileManager.default.fileExists(atPath: file.path) {
                let password = Hex.encode(SecureRandom.bytes(24))
                try Data(password.utf8).write(to: file)
            }
            let service = role.replacingOccurrences(of: "paraph_", with: "")
            try Ownership.give(file, user: installation.user(service), group: nil, mode: 0o400)
        }
    }

    private func keys(group: Int?) throws {
        let keys = try DevelopmentKeys.create(
            at: installation.keys.path, owners: installation.keyOwners, storageGroup: group.map(UInt32.init),
            authorityAddress: installation.authorityURL, clock: .system, ids: .uuidv7(clock: .system))
        try Data(Certificate.pem([keys.rootCertificate])).write(to: installation.trust)
        try Ownership.give(installation.trust, user: nil, group: nil, mode: 0o644)
    }

    /// Copies of the executables where every service's user can read them: a build folder is often private.
    private func programs() throws {
        try Ownership.folder(installation.programs, mode: 0o755)
        for service in Siblings.services + ["verifier"] {
            let target = installation.programs.appendingPathComponent("paraph-\(service)")
            try? FileManager.default.removeItem(at: target)
            try FileManager.default.copyItem(at: Siblings.executable(of: service), to: target)
            try Ownership.give(target, user: nil, group: nil, mode: 0o755)
        }
    }
}
