// SPDX-License-Identifier: Apache-2.0
import Foundation
import ServiceKit
import TestSupport
import Testing

struct SignalMaskTests {
    @Test func `a child that is started on a thread with blocked signals has none blocked`() async throws {
        let mask = try await BlockingExecutor(label: "paraph.test-signals").run {
            let process = Process()
            let output = Pipe()
            process.executableURL = URL(fileURLWithPath: "/bin/grep")
            process.arguments = ["SigBlk", "/proc/self/status"]
            process.standardOutput = output
            try SignalMask.empty { try process.run() }
            process.waitUntilExit()
            return String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        }
        #expect(mask.split(whereSeparator: \.isWhitespace).last == "0000000000000000")
    }
}
