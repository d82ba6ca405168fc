// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Synchronization
import TestSupport

/// A `MessagingMember` in a process of its own.
final class MemberProcess: Sendable {
    let name: String
    private let process: Mutex<Process>

    /// Starts one; it ends when `kill` is called.
    init(_ name: String, _ fixture: MessagingFixture, _ running: any RunningDriver, effects: Bool = false) throws {
        self.name = name
        let process = Process()
        process.executableURL = try TestProduct.executable("MessagingMember")
        var environment = ProcessInfo.processInfo.environment
        environment["MEMBER_NAME"] = name
        environment["MEMBER_SOCKET"] = fixture.database.server.socketDirectory
        environment["MEMBER_DATABASE"] = fixture.database.name
        if effects { environment["MEMBER_EFFECTS"] = "1" }
        process.environment = environment.merging(running.memberEnvironment) { $1 }
        process.standardOutput = FileHandle.standardError
        try process.run()
        self.process = Mutex(process)
    }

    func kill() { send(SIGKILL) }
    func stop() { send(SIGSTOP) }
    func resume() { send(SIGCONT) }
    func terminate() { send(SIGTERM) }

    /// Waits for the end; call it after `kill` or `terminate`.
    func waitUntilExit() -> Int32 {
        process.withLock { process in
            process.waitUntilExit()
            return process.terminationStatus
        }
    }

    private func send(_ signal: Int32) {
        process.withLock { _ = Glibc.kill($0.processIdentifier, signal) }
    }
}
