// SPDX-License-Identifier: Apache-2.0
import Foundation

/// The immutable flag of ext4 and XFS, as chattr(1) sets it; only root may, elsewhere it is without effect.
///
/// It is a second lock beside the read-only mode, so a failure to set it refuses nothing.
struct ImmutableFlag: Sendable {
    private static let program = "/usr/bin/chattr"

    func set(_ path: String) { change("+i", path) }

    func clear(_ path: String) { change("-i", path) }

    private func change(_ flag: String, _ path: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.program)
        process.arguments = [flag, path]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        do {
            try process.run()
        } catch {
            return
        }
        process.waitUntilExit()
    }
}
