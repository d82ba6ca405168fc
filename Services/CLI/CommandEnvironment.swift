// SPDX-License-Identifier: Apache-2.0
import Clocks
import Foundation

/// What a command takes from the machine it runs on.
enum CommandEnvironment {
    static var coreCount: Int { ProcessInfo.processInfo.activeProcessorCount }

    static func value(_ name: String) -> String? { ProcessInfo.processInfo.environment[name] }

    static func now() -> Instant { BusinessClock.system.now() }
}
