// SPDX-License-Identifier: Apache-2.0
import Glibc

/// One owned file descriptor; closed exactly once, when the last reference goes.
final class Descriptor: Sendable {
    /// O_TMPFILE of <fcntl.h> on x86-64 and ARM, which Swift does not import.
    static let nameless = 0o20000000 | O_DIRECTORY

    let number: Int32
    let path: String

    /// `name` stands in errors for a path that is not the file's own.
    init(opening path: String, _ flags: Int32, mode: mode_t = 0, as name: String? = nil) throws(FileSystemError) {
        var number: Int32
        repeat { number = open(path, flags | O_CLOEXEC, mode) } while number < 0 && errno == EINTR
        self.path = name ?? path
        guard number >= 0 else { throw FileSystemError(.open, errno: errno, path: self.path) }
        self.number = number
    }

    deinit { close(number) }

    func status() throws(FileSystemError) -> stat {
        var status = stat()
        guard fstat(number, &status) == 0 else { throw FileSystemError(.status, errno: errno, path: path) }
        return status
    }

    /// Sets the mode exactly: the one given to open(2) is narrowed by the process's umask.
    func setMode(_ mode: mode_t) throws(FileSystemError) {
        guard fchmod(number, mode) == 0 else { throw FileSystemError(.write, errno: errno, path: path) }
    }

    func synchronize() throws(FileSystemError) {
        var result: Int32
        repeat { result = fsync(number) } while result < 0 && errno == EINTR
        guard result == 0 else { throw FileSystemError(.synchronize, errno: errno, path: path) }
    }

    /// Leaves out the metadata that reading does not need, such as times.
    func synchronizeContent() throws(FileSystemError) {
        var result: Int32
        repeat { result = fdatasync(number) } while result < 0 && errno == EINTR
        guard result == 0 else { throw FileSystemError(.synchronize, errno: errno, path: path) }
    }

    func write(_ bytes: [UInt8]) throws(FileSystemError) {
        let code = Self.writeAll(bytes, to: number)
        guard code == 0 else { throw FileSystemError(.write, errno: code, path: path) }
    }

    func write(_ bytes: [UInt8], at offset: Int) throws(FileSystemError) {
        let code: Int32 = bytes.withUnsafeBytes { buffer in
            var written = 0
            while written < buffer.count, let base = buffer.baseAddress {
                let result = pwrite(number, base + written, buffer.count - written, off_t(offset + written))
                if result >= 0 { written += result } else if errno != EINTR { return errno }
            }
            return 0
        }
        guard code == 0 else { throw FileSystemError(.write, errno: code, path: path) }
    }

    /// Reads until `count` bytes are there or the file ends.
    func read(at offset: Int, count: Int) throws(FileSystemError) -> [UInt8] {
        var code: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count, let base = buffer.baseAddress {
                let result = pread(number, base + filled, count - filled, off_t(offset + filled))
                if result > 0 {
                    filled += result
                } else if result == 0 {
                    return
                } else if errno != EINTR {
                    code = errno
                    return
                }
            }
        }
        guard code == 0 else { throw FileSystemError(.read, errno: code, path: path) }
        return bytes
    }

    /// Zero, or the code of the first failure; a descriptor that does not block is waited for.
    static func writeAll(_ bytes: [UInt8], to number: Int32) -> Int32 {
        bytes.withUnsafeBytes { buffer in
            var written = 0
            while written < buffer.count, let base = buffer.baseAddress {
                let result = Glibc.write(number, base + written, buffer.count - written)
                if result >= 0 {
                    written += result
                } else if errno == EAGAIN {
                    var waiting = pollfd(fd: number, events: Int16(POLLOUT), revents: 0)
                    _ = poll(&waiting, 1, 1000)
                } else if errno != EINTR {
                    return errno
                }
            }
            return 0
        }
    }
}
