// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Synchronization
import TestSupport

/// A program that is asked to stop when this process closes its input, or dies; its folder is removed at its end.
final class SupervisedProcess: Sendable {
    private static let spawning = Mutex(())

    private let process: Mutex<Process>
    private let input: FileHandle
    private let output: URL

    private init(process: sending Process, input: FileHandle, output: URL) {
        self.process = Mutex(process)
        self.input = input
        self.output = output
    }

    /// What the program prints goes to a file in the folder.
    static func start(_ words: [String], environment: [String: String], folder: URL) throws -> SupervisedProcess {
        let output = folder.appendingPathComponent("output")
        _ = FileManager.default.createFile(atPath: output.path, contents: nil)
        guard let log = FileHandle(forWritingAtPath: output.path) else {
            throw SystemError("cannot write \(output.path)")
        }
        return try spawning.withLock { _ in
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/bin/sh")
            process.arguments = ["-c", script, folder.path] + words
            process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
            process.standardOutput = log
            process.standardError = log
            let input = Pipe()
            // A child that inherited this end would keep the system alive when this process is killed.
            _ = fcntl(input.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
            process.standardInput = input
            try SignalMask.empty { try process.run() }
            return SupervisedProcess(process: process, input: input.fileHandleForWriting, output: output)
        }
    }

    var isRunning: Bool { process.withLock { $0.isRunning } }

    func said(_ words: String) -> Bool { text.contains(words) }

    func tail(_ lines: Int) -> String { text.split(separator: "\n").suffix(lines).joined(separator: "\n") }

    private var text: String { (try? String(contentsOf: output, encoding: .utf8)) ?? "" }

    /// Asks for an orderly end and waits for it.
    func stop() async {
        try? input.close()
        let deadline = ContinuousClock.now + .seconds(120)
        while isRunning, ContinuousClock.now < deadline {
            try? await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Waits for the end of the program; a subshell waits for the end of the input meanwhile.
    private static let script = #"""
        trap '' INT HUP PIPE
        exec 3<&0
        "$@" </dev/null 3<&- &
        program=$!
        (cat <&3 >/dev/null; kill -TERM $program 2>/dev/null) &
        watcher=$!
        wait $program
        status=$?
        kill $watcher 2>/dev/null
        # A test of a full disk mounts a small file system there.
        umount -l "$0/objects" 2>/dev/null
        [ -n "$PARAPH_KEEP" ] || rm -rf "$0"
        exit $status
        """#
}
