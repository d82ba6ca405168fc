// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Threads of Dispatch have every signal blocked, and a child would inherit that: a shell then waits for ever.
package enum SignalMask {
    /// Starts a child from here, so that it begins with no signal blocked.
    package static func empty<R>(_ body: () throws -> R) rethrows -> R {
        var none = sigset_t()
        var before = sigset_t()
        unsafe sigemptyset(&none)
        unsafe pthread_sigmask(SIG_SETMASK, &none, &before)
        defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
        return try body()
    }
}
