// SPDX-License-Identifier: Apache-2.0
import Cryptography

/// What a worker does at one input when it is asked to: the proof that the supervisor would notice.
enum FuzzHarm: String, CaseIterable, Sendable {
    case crash, overflow, hang, grow, misread

    func happen() throws {
        switch self {
        case .crash: _ = Self.none[Int(Self.none.count)]
        case .overflow: _ = Self.descend(1)
        case .hang: while Self.none.isEmpty { _ = SHA256.digest(of: [1]) }
        case .grow:
            let large = [UInt8](repeating: 1, count: FuzzOptions.mostBytes + (64 << 20))
            guard large.last == 1 else { return }
        case .misread: throw FuzzFault("misread on demand")
        }
    }

    /// Never written; not a constant, so that nothing is decided when this is compiled.
    nonisolated(unsafe) private static var none: [Int] = []

    @inline(never) private static func descend(_ depth: Int) -> Int {
        none.isEmpty ? descend(depth + 1) + depth : depth
    }
}

/// What the engine did wrong with an input without crashing.
struct FuzzFault: Error {
    let message: String

    init(_ message: String) { self.message = message }
}
