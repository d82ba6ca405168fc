// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Who may read what in a development installation.
enum Ownership {
    /// - Throws: `CommandFailure` when the owner or mode cannot be set.
    static func give(_ path: URL, user: Int?, group: Int?, mode: Int) throws {
        var attributes: [FileAttributeKey: Any] = [:]
        if let user { attributes[.ownerAccountID] = NSNumber(value: user) }
        if let group { attributes[.groupOwnerAccountID] = NSNumber(value: group) }
        do {
            if !attributes.isEmpty { try FileManager.default.setAttributes(attributes, ofItemAtPath: path.path) }
            // After the owner: a change of owner clears some bits.
            try FileManager.default.setAttributes([.posixPermissions: NSNumber(value: mode)], ofItemAtPath: path.path)
        } catch {
            throw CommandFailure("cannot set owner and mode of \(path.path): run as root, or with --together")
        }
    }

    /// A folder with this owner and mode, made when missing.
    static func folder(_ path: URL, user: Int? = nil, group: Int? = nil, mode: Int) throws {
        try FileManager.default.createDirectory(at: path, withIntermediateDirectories: true)
        try give(path, user: user, group: group, mode: mode)
    }
}
