// SPDX-License-Identifier: Apache-2.0
import Dispatch

/// A timer outside the cooperative pool, because a pool whose threads hang runs no task any more.
enum StuckProcessWatch {
    static func start(afterSeconds seconds: Double, _ action: @escaping @Sendable () -> Void) {
        DispatchQueue.global().asyncAfter(deadline: .now() + seconds, execute: action)
    }
}
