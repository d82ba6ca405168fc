// SPDX-License-Identifier: Apache-2.0
import ByteCoding
package import Clocks
package import FoundationEssentials

/// A tenant's signing keys with their states; a value, so that a change is decided before anything is written.
package struct SealRegister: Sendable, Codable, Equatable {
    /// Oldest first; a destroyed key keeps its entry.
    package private(set) var keys: [RegisteredKey] = []

    init() {}

    /// The key that signs for a purpose now.
    package func active(_ purpose: SealPurpose) -> RegisteredKey? {
        keys.first { $0.purpose == purpose && $0.state == .active }
    }

    /// - Throws: `KeysError.noSuchKey`.
    package func key(_ id: UUID) throws(KeysError) -> RegisteredKey {
        guard let key = keys.first(where: { $0.id == id }) else { throw .noSuchKey(id: id) }
        return key
    }

    mutating func add(_ key: RegisteredKey) { keys.append(key) }

    /// Notes that the key has signed a trial document that verified.
    mutating func noteTrial(of id: UUID, at now: Instant) throws(KeysError) {
        keys[try index(id)].triedAt = now
    }

    /// The cutover: this key signs from now on, the one before is kept for a rollback.
    ///
    /// - Throws: `KeysError.notTried` for a key without a trial, `illegalKeyState`, `unusableSeal` for a certificate that
    ///   is not valid now.
    mutating func activate(_ id: UUID, _ note: KeyNote) throws(KeysError) {
        let key = try key(id)
        guard key.triedAt != nil else { throw .notTried(id: id) }
        guard key.notBefore <= note.at, note.at <= key.notAfter else {
            throw .unusableSeal(reason: "its certificate is not valid now")
        }
        try move(id, to: .active, note, checkingOnly: true)
        if let present = active(key.purpose) {
            try move(
                present.id, to: .deactivated, KeyNote(at: note.at, by: note.by, reason: "replaced by \(id.text)"))
        }
        try move(id, to: .active, note)
    }

    /// Takes the latest cutover of a purpose back.
    /// - Throws: `KeysError.nothingToRollBack` when no earlier key can sign any more.
    mutating func rollBack(_ purpose: SealPurpose, _ note: KeyNote) throws(KeysError) -> UUID {
        let earlier = keys.filter {
            $0.purpose == purpose && $0.state == .deactivated && note.at <= $0.notAfter
        }.max { ($0.transitions.last?.at ?? $0.createdAt) < ($1.transitions.last?.at ?? $1.createdAt) }
        guard let earlier else { throw .nothingToRollBack }
        try activate(earlier.id, note)
        return earlier.id
    }

    /// - Throws: `KeysError.illegalKeyState` when that state cannot follow.
    mutating func move(
        _ id: UUID, to state: KeyState, _ note: KeyNote, checkingOnly: Bool = false
    ) throws(KeysError) {
        let index = try index(id)
        let present = keys[index].state
        guard present.successors.contains(state) else { throw .illegalKeyState(id: id, from: present, to: state) }
        if state == .active, !checkingOnly, let other = active(keys[index].purpose) {
            throw .illegalKeyState(id: other.id, from: .active, to: .active)
        }
        if checkingOnly { return }
        keys[index].transitions.append(KeyTransition(state: state, at: note.at, by: note.by, reason: note.reason))
    }

    private func index(_ id: UUID) throws(KeysError) -> Int {
        guard let index = keys.firstIndex(where: { $0.id == id }) else { throw .noSuchKey(id: id) }
        return index
    }
}

/// One key of a register.
package struct RegisteredKey: Sendable, Codable, Equatable {
    /// Also the name of its folder.
    package let id: UUID
    /// What it may sign.
    package let purpose: SealPurpose
    /// For example "rsaPKCS1-sha256".
    package let algorithm: String
    /// The common name in its certificate.
    package let subject: String
    /// SHA-256 of its certificate, in hexadecimal.
    package let certificateSHA256: String
    /// First instant at which the whole chain is valid.
    package let notBefore: Instant
    /// Last instant at which the whole chain is valid.
    package let notAfter: Instant
    /// When it was stored.
    package let createdAt: Instant
    /// When its cryptoperiod ends and another should have taken over.
    package let rotateBy: Instant
    /// When a trial signature of it verified; nil before.
    package internal(set) var triedAt: Instant?
    /// Its life so far, oldest first; empty while it waits.
    package internal(set) var transitions: [KeyTransition] = []

    /// Where it is in its life.
    package var state: KeyState { transitions.last?.state ?? .preActivation }
}

/// Who changes a key's state, when and why.
package struct KeyNote: Sendable {
    let at: Instant
    let by: String
    let reason: String?

    /// `by` is an operator as the operating system knows them.
    package init(at: Instant, by: String, reason: String? = nil) {
        self.at = at
        self.by = by
        self.reason = reason
    }
}
