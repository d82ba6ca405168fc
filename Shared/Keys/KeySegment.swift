// SPDX-License-Identifier: Apache-2.0
import FileSystem
import Synchronization

/// The segment file that this process adds data keys to; others read it, and destroy keys in it.
final class KeySegment: Sendable {
    /// The file grows by zeros, so that all but one in 512 synchronisations have only the slots to write.
    private static let grownSlots = 512

    private struct State {
        var used = 0
        var grown = 0
    }

    private let number: UInt64
    private let file: RandomAccessFile
    private let commits: GroupSync
    private let state = Mutex(State())

    /// Makes the segment's file.
    /// - Throws: `KeysError.alreadyExists` when another process has a segment of this number.
    init(number: UInt64, in folder: KeyFolder) throws(KeysError) {
        self.number = number
        let file = try folder.create(KeySlot.fileName(segment: number))
        self.file = file
        commits = GroupSync { () throws(FileSystemError) in try file.synchronize() }
    }

    /// A slot that nobody else gets; nil when all are taken.
    func reserve() throws(KeysError) -> KeySlot? {
        try filing { () throws(FileSystemError) in
            try state.withLock { state throws(FileSystemError) in
                guard state.used < KeySlot.countPerSegment else { return nil }
                if state.used == state.grown {
                    let zeros = [UInt8](repeating: 0, count: Self.grownSlots * KeySlot.size)
                    try file.write(zeros, at: state.grown * KeySlot.size)
                    state.grown += Self.grownSlots
                }
                defer { state.used += 1 }
                return KeySlot(segment: number, index: state.used)
            }
        }
    }

    func write(_ bytes: [UInt8], to slot: KeySlot) throws(KeysError) {
        try filing { () throws(FileSystemError) in try file.write(bytes, at: slot.offset) }
    }

    /// Makes durable what the caller wrote, together with what others wrote meanwhile.
    func commit() throws(KeysError) {
        try filing { () throws(FileSystemError) in try commits.commit() }
    }
}
