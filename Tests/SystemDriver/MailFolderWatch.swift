// SPDX-License-Identifier: Apache-2.0
import ByteCoding
package import Foundation
import Glibc
import Synchronization

/// The folder of caught mails, watched through the kernel, so that thousands of mails cost no listing.
///
/// A mail's file is named after its Message-ID: request, generation and kind.
package final class MailFolderWatch: Sendable {
    private struct Waiter {
        let deadline: ContinuousClock.Instant
        let continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var arrivals = 0
        var waiters: [String: [Waiter]] = [:]
    }

    package let folder: URL
    private let state = Mutex(State())
    private let descriptor: Int32

    /// - Throws: `SystemError` when the folder cannot be watched.
    package init(folder: URL) throws {
        self.folder = folder
        descriptor = inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
        guard descriptor >= 0, inotify_add_watch(descriptor, folder.path, UInt32(IN_MOVED_TO | IN_CREATE)) >= 0 else {
            throw SystemError("cannot watch \(folder.path): errno \(errno)")
        }
        // Ends, and closes the descriptor, half a second after nobody needs the watch any more.
        let descriptor = descriptor
        Thread.detachNewThread { [weak self] in
            while self != nil {
                var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                if poll(&entry, 1, 500) > 0 { self?.readEvents() }
                self?.endLateWaits()
            }
            close(descriptor)
        }
    }

    /// How often a mail was put into the folder since the watch began, repeats included.
    package var arrivals: Int { state.withLock { $0.arrivals } }

    /// The names of all mails, without the extension: `request.generation.kind`.
    package func names() -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).filter { $0.hasSuffix(".eml") }
            .map { String($0.dropLast(4)) }
    }

    /// The signing link of the mail for this request and generation, once it is there.
    ///
    /// - Throws: `SystemError` when no such mail came in time.
    package func link(request: String, generation: Int = 1, seconds: Double = 30) async throws -> String {
        let name = "\(request).\(generation).signing_request.eml"
        let file = folder.appendingPathComponent(name)
        guard await arrival(of: name, at: file, seconds: seconds) else {
            throw SystemError("no mail \(name) came within \(Int(seconds)) s")
        }
        guard let mail = FileManager.default.contents(atPath: file.path), let link = Self.link(in: Array(mail)) else {
            throw SystemError("the mail \(name) holds no signing link")
        }
        return link
    }

    private func arrival(of name: String, at file: URL, seconds: Double) async -> Bool {
        if access(file.path, F_OK) == 0 { return true }
        return await withCheckedContinuation { continuation in
            let waiter = Waiter(deadline: .now + .seconds(seconds), continuation: continuation)
            state.withLock { $0.waiters[name, default: []].append(waiter) }
            // It may have come between the first look and the registration.
            if access(file.path, F_OK) == 0 { resume(name) }
        }
    }

    private func resume(_ name: String) {
        let woken = state.withLock { $0.waiters.removeValue(forKey: name) ?? [] }
        for waiter in woken { waiter.continuation.resume(returning: true) }
    }

    private func endLateWaits() {
        let now = ContinuousClock.now
        let late = state.withLock { state -> [Waiter] in
            var late: [Waiter] = []
            for (name, waiters) in state.waiters {
                late += waiters.filter { $0.deadline <= now }
                let rest = waiters.filter { $0.deadline > now }
                state.waiters[name] = rest.isEmpty ? nil : rest
            }
            return late
        }
        for waiter in late { waiter.continuation.resume(returning: false) }
    }

    /// `struct inotify_event`: watch, mask, cookie, length of the name, the name padded with zeros.
    private func readEvents() {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return }
            var position = 0
            while position + 16 <= count {
                let length = buffer.withUnsafeBytes {
                    Int($0.loadUnaligned(fromByteOffset: position + 12, as: UInt32.self))
                }
                let name = String(
                    decoding: buffer[(position + 16)..<(position + 16 + length)].prefix { $0 != 0 }, as: UTF8.self)
                position += 16 + length
                guard name.hasSuffix(".eml") else { continue }
                state.withLock { $0.arrivals += 1 }
                resume(name)
            }
        }
    }

    /// The first `http…/sign/TOKEN`, soft line breaks of quoted-printable taken out (RFC 2045, 6.7).
    ///
    /// Over bytes, because the bench reads thousands of mails beside the system that it measures.
    static func link(in mail: [UInt8]) -> String? {
        var text: [UInt8] = []
        text.reserveCapacity(mail.count)
        var rest = mail[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "="), rest.first == UInt8(ascii: "\n") {
                rest.removeFirst()
            } else if byte == UInt8(ascii: "="), rest.starts(with: [UInt8(ascii: "\r"), UInt8(ascii: "\n")]) {
                rest.removeFirst(2)
            } else {
                text.append(byte)
            }
        }
        let path = Array("/sign/".utf8)
        guard let place = text.place(of: path) else { return nil }
        let scheme = Array("http".utf8)
        var start = place
        while start >= 0, !text[start...].starts(with: scheme) { start -= 1 }
        guard start >= 0 else { return nil }
        let token = text[(place + path.count)...].prefix { Hex.value(of: $0) != nil || $0 == UInt8(ascii: "-") }
        return String(decoding: text[start..<(place + path.count)] + token, as: UTF8.self)
    }
}

extension [UInt8] {
    /// Where the first such run of bytes begins.
    func place(of pattern: [UInt8]) -> Int? {
        guard let first = pattern.first else { return nil }
        return withUnsafeBytes { all in
            (0..<Swift.max(0, all.count - pattern.count + 1)).first { place in
                all[place] == first && all[place..<(place + pattern.count)].elementsEqual(pattern)
            }
        }
    }
}
