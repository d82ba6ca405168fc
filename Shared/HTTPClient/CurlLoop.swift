// SPDX-License-Identifier: Apache-2.0
import CCurl
import Dispatch
import Glibc
import Synchronization

/// Drives all transfers of a session on one thread with libcurl's multi interface.
///
/// `@unchecked Sendable`: the multi handle and `active` are touched on the thread only, but for `curl_multi_wakeup`, which
/// libcurl allows from any thread; the lock orders it before the handle's end.
final class CurlLoop: @unchecked Sendable {
    private enum Command { case start(CurlTransfer), resume(CurlTransfer), cancel(CurlTransfer) }
    private struct Inbox {
        var commands: [Command] = []
        var isStopping = false
        var isOver = false
    }
    private let multi: UnsafeMutableRawPointer
    private let inbox = Mutex(Inbox())
    private var active: [UnsafeMutableRawPointer: CurlTransfer] = [:]
    private var handles: [ObjectIdentifier: UnsafeMutableRawPointer] = [:]

    /// libcurl's own initialization, once in a process and before any thread of it.
    private static let globalResult = curl_global_init(Int(CURL_GLOBAL_DEFAULT))

    init(maximumConnections: Int) throws(HTTPClientError) {
        guard Self.globalResult == CURLE_OK, let multi = curl_multi_init() else {
            throw .failed(curlCode: Int(CURLE_FAILED_INIT.rawValue))
        }
        for option in [CURLMOPT_MAX_TOTAL_CONNECTIONS, CURLMOPT_MAXCONNECTS] {
            guard paraph_curl_multi_set_long(multi, option, maximumConnections) == CURLM_OK else {
                curl_multi_cleanup(multi)
                throw .failed(curlCode: Int(CURLE_FAILED_INIT.rawValue))
            }
        }
        self.multi = multi
        // The block keeps the loop alive until `stop` ends it; the queue is its thread.
        DispatchQueue(label: "http-client").async { self.run() }
    }

    func start(_ transfer: CurlTransfer) { post(.start(transfer)) }
    func resume(_ transfer: CurlTransfer) { post(.resume(transfer)) }
    func cancel(_ transfer: CurlTransfer) { post(.cancel(transfer)) }

    /// Ends the thread; transfers in hand fail as cancelled.
    func stop() {
        inbox.withLock { inbox in
            inbox.isStopping = true
            if !inbox.isOver { curl_multi_wakeup(multi) }
        }
    }

    private func post(_ command: Command) {
        let isOver = inbox.withLock { inbox in
            guard !inbox.isOver else { return true }
            inbox.commands.append(command)
            // One wake-up serves all commands until the thread takes them.
            if inbox.commands.count == 1 { curl_multi_wakeup(multi) }
            return false
        }
        if isOver, case .start(let transfer) = command { transfer.fail(.cancelled) }
    }

    // MARK: On the thread

    private func run() {
        blockBrokenPipeSignal()
        while true {
            let (commands, isStopping) = inbox.withLock { inbox in
                defer { inbox.commands = [] }
                return (inbox.commands, inbox.isStopping)
            }
            for command in commands { perform(command) }
            if isStopping { break }
            var running: Int32 = 0
            guard curl_multi_perform(multi, &running) == CURLM_OK else { break }
            takeResults()
            guard curl_multi_poll(multi, nil, 0, 1_000, nil) == CURLM_OK else { break }
        }
        shutDown()
    }

    private func perform(_ command: Command) {
        switch command {
        case .start(let transfer):
            guard let easy = transfer.makeHandle() else { return }
            guard curl_multi_add_handle(multi, easy) == CURLM_OK else {
                transfer.finish(CURLE_FAILED_INIT)
                transfer.freeHandle()
                return
            }
            active[easy] = transfer
            handles[ObjectIdentifier(transfer)] = easy
        case .resume(let transfer):
            if handles[ObjectIdentifier(transfer)] != nil { transfer.unpause() }
        case .cancel(let transfer):
            transfer.fail(.cancelled)
            if let easy = handles[ObjectIdentifier(transfer)] { remove(easy) }
        }
    }

    private func takeResults() {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else { continue }
            // The message is libcurl's and gone after `remove`.
            let code = paraph_curl_result(message)
            active[easy]?.finish(code)
            remove(easy)
        }
    }

    private func remove(_ easy: UnsafeMutableRawPointer) {
        // A refusal means that the handle is not in the multi handle, which is what is wanted.
        curl_multi_remove_handle(multi, easy)
        guard let transfer = active.removeValue(forKey: easy) else { return }
        handles[ObjectIdentifier(transfer)] = nil
        transfer.freeHandle()
    }

    private func shutDown() {
        let late = inbox.withLock { inbox in
            inbox.isOver = true
            defer { inbox.commands = [] }
            return inbox.commands
        }
        for case .start(let transfer) in late { transfer.fail(.cancelled) }
        for (easy, transfer) in active {
            transfer.fail(.cancelled)
            remove(easy)
        }
        curl_multi_cleanup(multi)
    }

    /// TLS libraries may write to a closed socket; libcurl leaves the signal to the program.
    private func blockBrokenPipeSignal() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }
}
