// SPDX-License-Identifier: Apache-2.0

/// Where a listener listens and what it refuses.
package struct HTTPListenerConfiguration: Sendable {
    /// Tells listeners of one process apart in the log, as `public` and `admin`.
    package var name: String
    /// A numeric IPv4 or IPv6 address, or `localhost`; `::` takes both families.
    package var host: String
    /// 0 takes any free port.
    package var port: Int
    /// A body beyond it ends with `HTTPServerError.bodyTooLarge`.
    package var maximumBodyBytes: Int
    /// Names and values of all header fields together; beyond it 431.
    package var maximumHeaderBytes = 32_768
    /// Threads that read and write sockets; handlers run on Swift's own.
    package var threads: Int
    /// A connection without traffic for so long is closed, unless a handler is at work.
    package var requestTimeoutSeconds: Int
    /// Further clients wait in the kernel's queue.
    package var maximumConnections = 2_048
    /// Memory of each connection, all of it touched: 64 KB move uploads as fast as 256 KB did when measured.
    package var connectionMemoryBytes = 65_536
    /// How long a stopping listener waits for requests in hand.
    package var drainSeconds = 20.0

    /// Limits for a public listener; `maximumBodyBytes` has to be chosen.
    package init(
        name: String, host: String = "127.0.0.1", port: Int = 0, maximumBodyBytes: Int, threads: Int = 2,
        requestTimeoutSeconds: Int = 60
    ) {
        self.name = name
        self.host = host
        self.port = port
        self.maximumBodyBytes = maximumBodyBytes
        self.threads = threads
        self.requestTimeoutSeconds = requestTimeoutSeconds
    }
}
