// SPDX-License-Identifier: Apache-2.0
import ByteCoding
import Foundation
import SystemDriver

/// `paraph dev authorities` as a process of its own, with its keys in a folder.
struct LocalAuthority {
    /// Where it gives timestamps.
    let timestamp: String
    private let process: Process

    /// - Throws: `SystemError` when it ends before it said where it is.
    init(programs: URL, folder: String) throws {
        process = Process()
        process.executableURL = programs.appendingPathComponent("paraph")
        process.arguments = ["dev", "authorities", "--folder", folder]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        var line = Data()
        while !line.contains(0x0A) {
            let piece = output.fileHandleForReading.availableData
            guard !piece.isEmpty else { throw SystemError("the authorities ended before they said where they are") }
            line += piece
        }
        guard let address = try JSONValue(parsing: Array(line.prefix { $0 != 0x0A }))["timestamp"]?.stringValue else {
            process.terminate()
            throw SystemError("the authorities name no address for timestamps")
        }
        timestamp = address
    }

    func stop() {
        process.terminate()
        process.waitUntilExit()
    }
}
