// SPDX-License-Identifier: Apache-2.0
import ByteCoding
package import Foundation
import Glibc
import Synchronization

/// The driver's own record of what the system accepted, outside the system: lines in a file, each with the kernel before
/// the driver goes on, so that they outlive every process that a test kills.
package final class Ledger: Sendable {
    /// What the system owes for one accepted envelope.
    package struct Entry: Sendable, Hashable {
        package let envelopeID: String
        package let documentID: String
        package let requestIDs: [String]
    }

    package let file: URL
    private let descriptor: Int32
    private let content = Mutex<[String: Entry]>([:])

    /// - Throws: `SystemError` when the file cannot be made.
    package init(file: URL) throws {
        self.file = file
        descriptor = open(file.path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw SystemError("cannot write the ledger \(file.path)") }
    }

    deinit { close(descriptor) }

    package var entries: [Entry] { content.withLock { Array($0.values) } }
    package var count: Int { content.withLock { $0.count } }

    /// Writes an accepted envelope; the same envelope may be answered twice, then it stays one.
    ///
    /// - Throws: `SystemError` when the line cannot be written.
    package func accept(_ envelope: CreatedEnvelope) throws {
        let entry = Entry(
            envelopeID: envelope.envelopeID, documentID: envelope.documentID,
            requestIDs: envelope.signers.map(\.requestID))
        try content.withLock { entries in
            guard entries.updateValue(entry, forKey: entry.envelopeID) == nil else { return }
            let line = ([entry.envelopeID, entry.documentID] + entry.requestIDs).joined(separator: " ") + "\n"
            let bytes = Array(line.utf8)
            guard write(descriptor, bytes, bytes.count) == bytes.count else {
                throw SystemError("a line of the ledger \(file.path) could not be written")
            }
        }
    }
}
